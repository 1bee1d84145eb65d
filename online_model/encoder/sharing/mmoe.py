"""Experts, mixed by a gate for each task. Ma, Zhao, Yi, Chen, Hong & Chi, KDD 2018."""

import torch
from torch import Tensor

from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing.layer import Layer


class Mmoe(Layer):
    """h_t = Σ_e g_te max(0, bias_e + x into_e), g_t = softmax(x gates_t): even at first."""

    def __init__(self, settings: EncoderSettings, width: int, tasks: int) -> None:
        super().__init__(settings, width, tasks)
        self.into, self.bias, self.gates = self.drawn("into"), self.zeros("bias"), self.zeros("gates")

    def forward(self, x: Tensor) -> Tensor:
        found = torch.relu(self.bias + torch.einsum("bw,ewh->beh", x, self.into))
        gates = torch.softmax(torch.einsum("bw,twe->bte", x, self.gates), dim=2)
        return torch.einsum("bte,beh->bth", gates, found)
