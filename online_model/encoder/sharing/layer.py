"""What a way of sharing is, and how its weights begin."""

import torch
from torch import Tensor, nn

from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing_kernels import sharer_shapes


class Layer(nn.Module):
    """Its parameters have the shapes that the compiled form names."""

    def __init__(self, settings: EncoderSettings, width: int, tasks: int) -> None:
        super().__init__()
        self.shapes = sharer_shapes(settings, width, tasks)

    def forward(self, x: Tensor) -> Tensor:
        """f32[b, W] → f32[b, T or 1, H]."""
        raise NotImplementedError

    def penalty(self) -> Tensor:
        """What the loss gets on top: nothing, unless the way of sharing says so."""
        return torch.zeros(())

    def drawn(self, name: str) -> nn.Parameter:
        """Random, for sums over the last axis but one."""
        shape = self.shapes[name]
        return nn.Parameter(torch.randn(shape) / shape[-2] ** 0.5)

    def zeros(self, name: str) -> nn.Parameter:
        return nn.Parameter(torch.zeros(self.shapes[name]))
