"""Progressive layered extraction: experts of each task beside shared ones, level by level.

Tang, Liu, Zhao & Gong, "Progressive layered extraction (PLE): a novel multi-task learning model for personalized
recommendations", RecSys 2020.
"""

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import cast

import torch
from torch import Tensor, nn

from online_model.multitask.architectures.architecture import Architecture
from online_model.multitask.inputs import Features, InputLayer, Inputs
from online_model.multitask.layers import Sizes, mlp, tower


class Level(nn.Module):
    """From streams [task 1, …, task T, shared] to the same: a task mixes its own experts and the shared ones, the
    shared stream mixes all. Each gate reads its own stream. The last level has no shared stream to feed.
    """

    def __init__(self, tasks: int, width: int, out: int, own: int, shared: int, last: bool) -> None:
        super().__init__()
        counts = [own] * tasks + [shared]
        self.experts = nn.ModuleList(nn.ModuleList(mlp(width, out) for _ in range(n)) for n in counts)
        mixed = [own + shared] * tasks + [sum(counts)] * (not last)
        self.gates = nn.ModuleList(nn.Linear(width, n, bias=False) for n in mixed)

    def forward(self, streams: list[Tensor]) -> list[Tensor]:
        found = [
            [expert(h) for expert in experts]
            for experts, h in zip(cast(list[nn.ModuleList], self.experts), streams, strict=True)
        ]
        *own, shared = found
        seen = [[*mine, *shared] for mine in own] + [list(chain(*found))]
        return [
            _mixed(cast(Tensor, gate(h)), experts)
            for gate, h, experts in zip(self.gates, streams, seen, strict=False)
        ]


class Ple(Architecture):
    """A level for each of sizes.hidden; half of sizes.experts for each task and half shared, at least one each."""

    def __init__(self, features: Features, tasks: Sequence[str], sizes: Sizes) -> None:
        super().__init__(features, tasks, sizes)
        self.inputs = InputLayer(features, sizes.embedding)
        widths = (self.inputs.width, *sizes.hidden)
        n = max(sizes.experts // 2, 1)
        self.levels = nn.ModuleList(
            Level(len(tasks), width, out, own=n, shared=n, last=depth == len(sizes.hidden))
            for depth, (width, out) in enumerate(pairwise(widths), 1)
        )
        self.towers = nn.ModuleList(tower(sizes) for _ in tasks)

    def forward(self, x: Inputs) -> dict[str, Tensor]:
        streams = [self.inputs(x)] * (len(self.tasks) + 1)
        for level in self.levels:
            streams = level(streams)
        return {task: tower(h) for task, tower, h in zip(self.tasks, self.towers, streams, strict=True)}


def _mixed(gate: Tensor, experts: list[Tensor]) -> Tensor:
    return torch.einsum("be,beh->bh", torch.softmax(gate, dim=1), torch.stack(experts, dim=1))
