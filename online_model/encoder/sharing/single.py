"""A layer for each task."""

import torch
from torch import Tensor

from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing.layer import Layer


class Single(Layer):
    """h_t = max(0, bias_t + x into_t). Items and the past are still read alike for all tasks."""

    def __init__(self, settings: EncoderSettings, width: int, tasks: int) -> None:
        super().__init__(settings, width, tasks)
        self.into, self.bias = self.drawn("into"), self.zeros("bias")

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.bias + torch.einsum("bw,twh->bth", x, self.into))


class Soft(Single):
    """Pulled together: penalty = STRENGTH · Σ_t ‖θ_t − θ̄‖², all from the same weights on. Duong et al., ACL 2015."""

    STRENGTH = 1e-3  # as in online_model/multitask

    def __init__(self, settings: EncoderSettings, width: int, tasks: int) -> None:
        super().__init__(settings, width, tasks)
        with torch.no_grad():
            self.into.copy_(self.into[:1].expand_as(self.into).clone())

    def penalty(self) -> Tensor:
        apart = [(own - own.mean(0)).square().sum() for own in (self.into, self.bias)]
        return self.STRENGTH * torch.stack(apart).sum()
