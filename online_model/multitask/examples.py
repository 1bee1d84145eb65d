"""Rows with a label for each task, as tensors."""

from typing import NamedTuple

import torch
from torch import Tensor

from online_model.multitask.inputs import Features, Inputs


class Examples(NamedTuple):
    """n rows; labels f32[n, tasks], 0 or 1."""

    inputs: Inputs
    labels: Tensor

    def rows(self, at: Tensor) -> "Examples":
        return Examples(self.inputs.rows(at), self.labels[at])


class Problem(NamedTuple):
    """What architectures are compared on: `test` is a third of the rows, and nothing is learned or chosen from it."""

    tasks: tuple[str, ...]
    features: Features
    train: Examples
    test: Examples


def losses(logits: dict[str, Tensor], labels: Tensor) -> Tensor:
    """Mean log loss of each task in nats a row, f32[tasks]."""
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.stack(list(logits.values()), dim=1), labels, reduction="none"
    )
    return each.mean(0)
