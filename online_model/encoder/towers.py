"""The encoder as torch sees it while it trains: two towers, a shared trunk, one output vector for each task.

kernels.py has the formulas and computes the same without torch; a test holds the two equal to 1e-5.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from online_model.encoder.kernels import AGES, KINDS, Weights
from online_model.encoder.settings import EncoderSettings

MEANS = 2  # one can look at the last minutes, the other at the last days
HALF_LIFE_KNOTS = (2.0, 0.5)  # e-foldings of the first weights for each 8 knots: 2⁸ times the age


class Past(NamedTuple):
    """What b shoppers did: vectors f32[b, n, d], kinds i64[b, n], ages f32[b, n] in seconds, used bool[b, n]."""

    vectors: Tensor
    kinds: Tensor
    ages: Tensor
    used: Tensor


class ItemTower(nn.Module):
    """v = g Σₖ I[rowₖ(id)] + Σₖ C[rowₖ(category)]; what else is known of items is added here as further terms."""

    def __init__(self, settings: EncoderSettings) -> None:
        super().__init__()
        self.ids = nn.Parameter(0.05 * torch.randn(settings.id_buckets, settings.dim))
        self.categories = nn.Parameter(0.2 * torch.randn(settings.category_buckets, settings.dim))

    def forward(self, id_rows: Tensor, gates: Tensor, category_rows: Tensor) -> Tensor:
        """i64[n, hashes], f32[n], i64[n, hashes] → f32[n, d]."""
        own = embedding_bag(id_rows, self.ids, mode="sum")
        shared: Tensor = embedding_bag(category_rows, self.categories, mode="sum")
        return gates[:, None] * own + shared


class MeanUserTower(nn.Module):
    """m_s = Σⱼ w_sj vⱼ / Σⱼ w_sj with log w = kinds[s, kind] + ages[s, log₂(1 + age)], linear between knots."""

    def __init__(self, settings: EncoderSettings) -> None:
        super().__init__()
        self.width = MEANS * settings.dim
        self.kinds = nn.Parameter(torch.zeros(MEANS, KINDS))
        knots = torch.arange(AGES) / 8
        self.ages = nn.Parameter(-torch.tensor(HALF_LIFE_KNOTS)[:, None] * knots[None])

    def forward(self, past: Past) -> Tensor:
        """f32[b, MEANS, d]; zero for a shopper without a past."""
        place = (torch.log1p(past.ages) / np.log(2.0)).clamp(max=AGES - 1.001)
        knot = place.long()
        part = place - knot
        logs = torch.lerp(self.ages[:, knot], self.ages[:, knot + 1], part[None]) + self.kinds[:, past.kinds]
        logs = logs.masked_fill(~past.used[None], -torch.inf)  # [MEANS, b, n]
        weights = torch.softmax(logs, dim=-1).nan_to_num(0.0)  # NaN: nothing to weigh
        return torch.einsum("sbn,bnd->bsd", weights, past.vectors)


class SharedBottom(nn.Module):
    """u_t = out_bias_t + h out_t + Σ_s skip_ts ∘ m_s,  h = max(0, bias + m into): one trunk for all tasks.

    Caruana, "Multitask learning", Machine Learning 1997. The skip starts at 1: "more of the same" from the first
    step. out_bias_t · v is an item's standing with everybody: its popularity in task t.
    """

    def __init__(self, settings: EncoderSettings, tasks: int) -> None:
        super().__init__()
        d, hidden = settings.dim, settings.hidden
        self.into = nn.Parameter(torch.randn(MEANS * d, hidden) / (MEANS * d) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(hidden))
        self.out = nn.Parameter(0.1 * torch.randn(hidden, tasks, d) / hidden**0.5)
        self.out_bias = nn.Parameter(torch.zeros(tasks, d))
        self.skip = nn.Parameter(torch.ones(tasks, MEANS, d))
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, means: Tensor) -> Tensor:
        """f32[b, MEANS, d] → f32[b, tasks, d]."""
        h = self.dropout(torch.relu(self.bias + means.flatten(1) @ self.into))
        skipped = torch.einsum("tsd,bsd->btd", self.skip, means)
        return self.out_bias + torch.einsum("bh,htd->btd", h, self.out) + skipped


USER_TOWERS: dict[str, type[MeanUserTower]] = {"mean": MeanUserTower}
SHARING: dict[str, type[SharedBottom]] = {"shared-bottom": SharedBottom}


class Towers(nn.Module):
    """Both towers and the trunk. gates: f32[id_buckets], set from the counts of the window, not learned."""

    gates: Tensor

    def __init__(self, settings: EncoderSettings, tasks: int) -> None:
        super().__init__()
        self.item = ItemTower(settings)
        self.user = USER_TOWERS[settings.user_tower](settings)
        self.trunk = SHARING[settings.sharing](settings, tasks)
        self.register_buffer("gates", torch.zeros(settings.id_buckets))

    def weights(self) -> Weights:
        """A copy of everything, as plain arrays."""
        named = dict(self.named_parameters()) | dict(self.named_buffers())
        plain = {name.rpartition(".")[2]: tensor.detach().numpy().copy() for name, tensor in named.items()}
        return Weights(**plain)

    def load(self, weights: Weights) -> None:
        """The reverse of `weights`; shapes must be equal."""
        named = dict(self.named_parameters()) | dict(self.named_buffers())
        with torch.no_grad():
            for name, tensor in named.items():
                tensor.copy_(torch.tensor(getattr(weights, name.rpartition(".")[2])))
