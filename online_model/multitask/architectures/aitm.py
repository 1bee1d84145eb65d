"""Adaptive information transfer: each task learns how much to take from the task before it.

Xi et al., "Modeling the sequential dependence among audience multi-step conversions with multi-task learning in
targeted display advertising", KDD 2021.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from online_model.multitask.architectures.architecture import Architecture
from online_model.multitask.inputs import Features, InputLayer, Inputs
from online_model.multitask.layers import Sizes, mlp, tower


class Transfer(nn.Module):
    """z = Σ_u w_u V u over u ∈ {p, q}, w = softmax(⟨K u, Q u⟩ / √width): p came over, q is the task's own."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.carry = mlp(width, width)
        self.key, self.query, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, before: Tensor, own: Tensor) -> Tensor:
        """f32[b, width] twice → f32[b, width]."""
        u = torch.stack([self.carry(before), own], dim=1)  # [b, 2, width]
        fit = (self.key(u) * self.query(u)).sum(-1) / u.shape[-1] ** 0.5
        return torch.einsum("bu,buh->bh", torch.softmax(fit, dim=1), self.value(u))


class Aitm(Architecture):
    """z₁ = q₁, z_t = transfer_t(z_{t−1}, q_t), logit_t = tower_t(z_t), q_t the task's own layers over shared inputs.

    The tasks' order is the chain's. calibrator: weight α of the penalty α · mean Σ_t max(0, p_t − p_{t−1}), for
    tasks that cannot happen without the one before (the paper takes .6); 0 for those that can.
    """

    def __init__(
        self, features: Features, tasks: Sequence[str], sizes: Sizes, *, calibrator: float = 0.0
    ) -> None:
        super().__init__(features, tasks, sizes)
        self.calibrator = calibrator
        self.inputs = InputLayer(features, sizes.embedding)
        self.bottoms = nn.ModuleList(mlp(self.inputs.width, *sizes.hidden) for _ in tasks)
        self.transfers = nn.ModuleList(Transfer(sizes.hidden[-1]) for _ in tasks[1:])
        self.towers = nn.ModuleList(tower(sizes) for _ in tasks)

    def forward(self, x: Inputs) -> dict[str, Tensor]:
        h = self.inputs(x)
        first, *rest = (bottom(h) for bottom in self.bottoms)
        z = [first]
        for transfer, own in zip(self.transfers, rest, strict=True):
            z.append(transfer(z[-1], own))
        return {task: tower(z_t) for task, tower, z_t in zip(self.tasks, self.towers, z, strict=True)}

    def penalty(self, logits: dict[str, Tensor]) -> Tensor:
        p = torch.sigmoid(torch.stack(list(logits.values())))  # [tasks, b]
        return self.calibrator * torch.relu(p[1:] - p[:-1]).sum(0).mean()
