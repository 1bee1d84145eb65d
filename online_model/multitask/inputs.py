"""What every architecture reads: numbers and categories, and the one layer that makes a vector of them."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Features(NamedTuple):
    """dense: how many numbers a row has. vocabularies: for each category column, how many values it has."""

    dense: int
    vocabularies: tuple[int, ...]


class Inputs(NamedTuple):
    """b rows: dense f32[b, d], about standard normal; categories i64[b, c], each from 0 to its vocabulary's end."""

    dense: Tensor
    categories: Tensor

    def rows(self, at: Tensor) -> "Inputs":
        return Inputs(self.dense[at], self.categories[at])


class InputLayer(nn.Module):
    """x = [dense, E[c₁], …, E[cₖ]]: a row's numbers beside the embeddings of its categories, f32[b, width].

    All columns share one table, each at its own place: one lookup instead of k.
    """

    firsts: Tensor

    def __init__(self, features: Features, embedding: int) -> None:
        super().__init__()
        sizes = torch.tensor(features.vocabularies, dtype=torch.int64)
        self.register_buffer("firsts", sizes.cumsum(0) - sizes)
        self.table = nn.Embedding(int(sizes.sum()), embedding)
        nn.init.normal_(self.table.weight, std=0.1)  # no louder at first than the numbers beside them
        self.width = features.dense + len(sizes) * embedding

    def forward(self, x: Inputs) -> Tensor:
        embedded: Tensor = self.table(x.categories + self.firsts)
        return torch.cat([x.dense, embedded.flatten(1)], dim=1)
