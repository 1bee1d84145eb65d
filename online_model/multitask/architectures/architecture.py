"""What an architecture is: rows in, a logit for each task out."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from online_model.multitask.inputs import Features, Inputs
from online_model.multitask.layers import Sizes


class Architecture(nn.Module):
    """Tasks share what the subclass says. Which of its parameters are shared is found by `shared_parameters`."""

    def __init__(self, features: Features, tasks: Sequence[str], sizes: Sizes) -> None:
        super().__init__()
        self.features, self.tasks, self.sizes = features, tuple(tasks), sizes

    def forward(self, x: Inputs) -> dict[str, Tensor]:
        """{task: logits f32[b]}, in the order of the tasks."""
        raise NotImplementedError

    def penalty(self, logits: dict[str, Tensor]) -> Tensor:
        """What the loss gets on top, whatever the tasks' weights: nothing, unless the architecture says so."""
        return torch.zeros(())
