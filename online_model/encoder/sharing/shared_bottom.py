"""One layer for all tasks. Caruana, "Multitask learning", Machine Learning 1997."""

import torch
from torch import Tensor

from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing.layer import Layer


class SharedBottom(Layer):
    """h = max(0, bias + x into)."""

    def __init__(self, settings: EncoderSettings, width: int, tasks: int) -> None:
        super().__init__(settings, width, tasks)
        self.into, self.bias = self.drawn("into"), self.zeros("bias")

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.bias + (x @ self.into)[:, None])


class OwnBiases(SharedBottom):
    """h_t = max(0, bias_t + x into)."""
