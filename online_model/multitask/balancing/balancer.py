"""What a balancing method is: it takes the losses of one step and does the backward pass."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from online_model.multitask.gradients import Parameters


class Step(NamedTuple):
    """losses: f32[k], each with its graph. tasks: which ones they are, of all tasks from 0.

    shared: the parameters on which tasks meet, at least one. held_out() gives the losses, f32[all tasks], on rows
    that no step trains on, with the model as it is at that moment.
    """

    losses: Tensor
    tasks: tuple[int, ...]
    shared: Parameters
    held_out: Callable[[], Tensor]


class Balancer(nn.Module):
    """Its parameters, if it has some, are trained by the optimizer of the model."""

    def __init__(self, tasks: int) -> None:
        super().__init__()
        self.tasks = tasks

    def backward(self, step: Step) -> None:
        """Add to .grad of everything that the losses depend on."""
        raise NotImplementedError

    def end_epoch(self, losses: Tensor) -> None:
        """f32[tasks]: the epoch's mean losses on what was trained on; NaN for a task that had no step."""


def descend(losses: Tensor, weights: Tensor) -> None:
    """The backward pass of Σ_t w_t L_t, for weights that are given."""
    torch.autograd.backward((weights.detach() * losses).sum())
