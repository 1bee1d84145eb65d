"""Multi-gate mixture of experts.

Ma, Zhao, Yi, Chen, Hong & Chi, "Modeling task relationships in multi-task learning with multi-gate
mixture-of-experts", KDD 2018.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from online_model.multitask.architectures.architecture import Architecture
from online_model.multitask.inputs import Features, InputLayer, Inputs
from online_model.multitask.layers import Sizes, mlp, tower


class Mmoe(Architecture):
    """logit_t = tower_t(Σ_e g_te f_e(x)), g_t = softmax(G_t x): shared experts, each task with a mix of its own."""

    def __init__(self, features: Features, tasks: Sequence[str], sizes: Sizes) -> None:
        super().__init__(features, tasks, sizes)
        self.inputs = InputLayer(features, sizes.embedding)
        width = self.inputs.width
        self.experts = nn.ModuleList(mlp(width, *sizes.hidden) for _ in range(sizes.experts))
        self.gates = nn.ModuleList(nn.Linear(width, sizes.experts, bias=False) for _ in tasks)
        self.towers = nn.ModuleList(tower(sizes) for _ in tasks)

    def forward(self, x: Inputs) -> dict[str, Tensor]:
        h = self.inputs(x)
        found = torch.stack([expert(h) for expert in self.experts], dim=1)  # [b, experts, width]
        return {
            task: tower(torch.einsum("be,beh->bh", torch.softmax(gate(h), dim=1), found))
            for task, gate, tower in zip(self.tasks, self.gates, self.towers, strict=True)
        }
