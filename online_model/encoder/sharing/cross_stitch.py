"""Layers that exchange what they found. Misra, Shrivastava, Gupta & Hebert, CVPR 2016."""

import torch
from torch import Tensor, nn

from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing.single import Single

OWN = 0.9  # at first, of a unit's own layer; the paper's choice


class CrossStitch(Single):
    """h_t = Σ_s stitches_ts max(0, bias_s + x into_s)."""

    def __init__(self, settings: EncoderSettings, width: int, tasks: int) -> None:
        super().__init__(settings, width, tasks)
        stitch = torch.full((tasks, tasks), (1 - OWN) / max(tasks - 1, 1))
        self.stitches = nn.Parameter(stitch.fill_diagonal_(OWN if tasks > 1 else 1.0))

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum("ts,bsh->bth", self.stitches, super().forward(x))
