"""Cross-stitch: own networks that exchange what their layers found.

Misra, Shrivastava, Gupta & Hebert, "Cross-stitch networks for multi-task learning", CVPR 2016.
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from online_model.multitask.architectures.network import Network
from online_model.multitask.architectures.single import Single
from online_model.multitask.inputs import Features, Inputs
from online_model.multitask.layers import Sizes

OWN = 0.9  # at first, of a unit's own network; the paper's choice


class CrossStitch(Single):
    """After each hidden layer h_t ← Σ_s A_ts h_s, A learned for each layer; A = 1 is `Single`.

    stitches: f32[layers, tasks, tasks]. The rest, 1 − OWN, starts evenly spread over the other tasks.
    """

    def __init__(self, features: Features, tasks: Sequence[str], sizes: Sizes) -> None:
        super().__init__(features, tasks, sizes)
        n = len(tasks)
        stitch = torch.full((n, n), (1 - OWN) / max(n - 1, 1))
        stitch.fill_diagonal_(OWN if n > 1 else 1.0)
        self.stitches = nn.Parameter(stitch.repeat(len(sizes.hidden), 1, 1))

    def forward(self, x: Inputs) -> dict[str, Tensor]:
        networks = cast(list[Network], self.networks)
        hidden = [network.inputs(x) for network in networks]
        for depth, stitch in enumerate(self.stitches):
            own = [network.layers[depth](h) for network, h in zip(networks, hidden, strict=True)]
            hidden = list(torch.einsum("ts,sbh->tbh", stitch, torch.stack(own)))
        return {task: network.tower(h) for task, network, h in zip(self.tasks, networks, hidden, strict=True)}
