"""Each task learns how much to take from the task before it. Xi et al., KDD 2021."""

import torch
from torch import Tensor

from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing.single import Single


class Aitm(Single):
    """h₁ = q₁; h_t = Σ_u softmax(⟨K u, Q u⟩ / √H) V u over u ∈ {p, q_t}, p = max(0, C h_{t−1}), q as in Single.

    The tasks' order is the chain's. passes: C, K, Q and V of each step.
    """

    def __init__(self, settings: EncoderSettings, width: int, tasks: int) -> None:
        super().__init__(settings, width, tasks)
        self.passes, self.pass_bias = self.drawn("passes"), self.zeros("pass_bias")

    def forward(self, x: Tensor) -> Tensor:
        first, *rest = super().forward(x).unbind(1)
        h = [first]
        for own, (carry, key, query, value), bias in zip(rest, self.passes, self.pass_bias, strict=True):
            u = torch.stack([torch.relu(h[-1] @ carry + bias[0]), own], dim=1)  # [b, 2, H]
            fit = ((u @ key + bias[1]) * (u @ query + bias[2])).sum(-1) / u.shape[-1] ** 0.5
            h.append(torch.einsum("bu,buh->bh", torch.softmax(fit, dim=1), u @ value + bias[3]))
        return torch.stack(h, dim=1)
