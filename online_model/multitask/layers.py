"""The layers that architectures are put together from, and how wide they are."""

from typing import Annotated

import msgspec
from msgspec import Meta
from torch import nn

Width = Annotated[int, Meta(ge=1, le=4096)]


class Sizes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """hidden: units of each layer below the towers, and of each expert; PLE has a level for each of them."""

    embedding: Width = 8
    hidden: tuple[Width, ...] = (64, 32)
    tower: Width = 16
    experts: Width = 4  # of MMoE; PLE has half as many for each task and half as many shared


def mlp(width: int, *widths: int) -> nn.Sequential:
    """Linear and ReLU for each of `widths`: f32[b, width] → f32[b, widths[-1]]."""
    layers: list[nn.Module] = []
    for out in widths:
        layers += [nn.Linear(width, out), nn.ReLU()]
        width = out
    return nn.Sequential(*layers)


def tower(sizes: Sizes) -> nn.Sequential:
    """The last layers, a task's own: f32[b, hidden[-1]] → logits f32[b]."""
    return nn.Sequential(*mlp(sizes.hidden[-1], sizes.tower), nn.Linear(sizes.tower, 1), nn.Flatten(0))
