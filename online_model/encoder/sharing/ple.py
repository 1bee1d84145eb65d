"""Experts of each task beside shared ones. Tang, Liu, Zhao & Gong, RecSys 2020."""

import torch
from torch import Tensor

from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing.layer import Layer


class Ple(Layer):
    """h_t = Σₙ g_tn f_n over the task's own experts and then the shared ones, g_t = softmax(x gates_t): one level,
    the paper's customized gate control."""

    def __init__(self, settings: EncoderSettings, width: int, tasks: int) -> None:
        super().__init__(settings, width, tasks)
        self.own_into, self.own_bias = self.drawn("own_into"), self.zeros("own_bias")
        self.into, self.bias = self.drawn("into"), self.zeros("bias")
        self.gates = self.zeros("gates")

    def forward(self, x: Tensor) -> Tensor:
        own = torch.relu(self.own_bias + torch.einsum("bw,tnwh->btnh", x, self.own_into))
        shared = torch.relu(self.bias + torch.einsum("bw,nwh->bnh", x, self.into))
        gates = torch.softmax(torch.einsum("bw,twn->btn", x, self.gates), dim=2)
        return torch.einsum("btn,btnh->bth", gates, torch.cat([own, shared[:, None].expand_as(own)], dim=2))
