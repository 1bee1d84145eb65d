"""Hard sharing: one body for all tasks. Caruana, "Multitask learning", Machine Learning 28, 1997."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from online_model.multitask.architectures.architecture import Architecture
from online_model.multitask.inputs import Features, InputLayer, Inputs
from online_model.multitask.layers import Sizes, tower


class SharedBottom(Architecture):
    """h_{l+1} = max(0, h_l W_l + b_l), the same for all tasks; logit_t = tower_t(h).

    own_biases: each task has a b_l of its own, the W_l stay shared. A task can then switch units on and off, for a
    few hundred parameters more and a pass through the body for each task.
    """

    def __init__(
        self, features: Features, tasks: Sequence[str], sizes: Sizes, *, own_biases: bool = False
    ) -> None:
        super().__init__(features, tasks, sizes)
        self.inputs = InputLayer(features, sizes.embedding)
        widths = (self.inputs.width, *sizes.hidden)
        self.weights = nn.ModuleList(nn.Linear(*pair, bias=False) for pair in pairwise(widths))
        sets = len(tasks) if own_biases else 1
        self.biases = nn.ParameterList(torch.zeros(sets, 1, width) for width in sizes.hidden)
        self.towers = nn.ModuleList(tower(sizes) for _ in tasks)

    def forward(self, x: Inputs) -> dict[str, Tensor]:
        h = self.inputs(x)
        for weight, bias in zip(self.weights, self.biases, strict=True):
            h = torch.relu(weight(h) + bias)  # [sets, b, width]
        each = h.expand(len(self.tasks), -1, -1)
        return {task: tower(h) for task, tower, h in zip(self.tasks, self.towers, each, strict=True)}
