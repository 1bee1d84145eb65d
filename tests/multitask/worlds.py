"""A small world to learn: three tasks on four numbers and two categories, the third task rarer than the second."""

import torch
from torch import Tensor

from online_model.multitask import Examples, Features, Inputs, Sizes

TASKS = ("view", "cart", "buy")
FEATURES = Features(dense=4, vocabularies=(3, 5))
SMALL = Sizes(embedding=3, hidden=(12, 8), tower=8, experts=4)


def inputs(rows: int, seed: int = 0) -> Inputs:
    generator = torch.Generator().manual_seed(seed)
    categories = [torch.randint(n, (rows,), generator=generator) for n in FEATURES.vocabularies]
    return Inputs(torch.randn(rows, FEATURES.dense, generator=generator), torch.stack(categories, dim=1))


def examples(rows: int, seed: int = 0) -> Examples:
    """Nested labels: buy only where cart, cart only where view. Only the first category and two numbers matter."""
    x = inputs(rows, seed)
    liking = 2 * x.dense[:, 0] + x.dense[:, 1] + x.categories[:, 0]
    return Examples(x, torch.stack([liking > 0, liking > 1, liking > 2], dim=1).float())


def stacked(logits: dict[str, Tensor]) -> Tensor:
    """f32[b, tasks]"""
    return torch.stack(list(logits.values()), dim=1)
