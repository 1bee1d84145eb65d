"""The encoder as torch sees it while it trains: two towers, a trunk, one output vector for each task.

kernels.py has the formulas and computes the same without torch; a test holds the two equal to 1e-5.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from online_model.encoder.items import Items
from online_model.encoder.past_kernels import READERS
from online_model.encoder.past_kernels.ages import AGES
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing import SHARING
from online_model.encoder.user_towers import USER_TOWERS
from online_model.encoder.user_towers.past import Past, between_knots
from online_model.encoder.weights import Weights, from_named
from online_model.item_facts import SKETCH

VISIT_KNOTS = (
    9  # doublings of a second, 8 minutes: so long a search counts whole at first, then e times less for each
)


class ItemTower(nn.Module):
    """v = g Σₖ I[rowₖ(id)] + Σₖ C[rowₖ(category)] + Σₖ W[row(wordₖ)] / √words + sketch P  (kernels.py).

    gates: f32[id_buckets], set from the counts of the window, not learned.
    """

    gates: Tensor

    def __init__(self, settings: EncoderSettings) -> None:
        super().__init__()
        self.ids = nn.Parameter(0.05 * torch.randn(settings.id_buckets, settings.dim))
        self.categories = nn.Parameter(0.2 * torch.randn(settings.category_buckets, settings.dim))
        self.words = nn.Parameter(0.05 * torch.randn(settings.word_buckets, settings.dim))
        self.sketch = nn.Parameter(torch.zeros(SKETCH, settings.dim))
        self.register_buffer("gates", torch.zeros(settings.id_buckets))

    def forward(self, items: Items, gates: Tensor) -> Tensor:
        """n items, gates f32[n] → f32[n, d]."""
        own = embedding_bag(items.id_rows, self.ids, mode="sum")
        category = embedding_bag(items.category_rows, self.categories, mode="sum")
        words = embedding_bag(items.word_rows, self.words, mode="sum", per_sample_weights=items.word_weights)
        vectors: Tensor = gates[:, None] * own + category + words + items.sketches @ self.sketch
        return vectors


class UserTower(nn.Module):
    """What was done, read as the settings say; and Σⱼ exp(asked[log₂(1 + ageⱼ)]) v(wordⱼ) of what was searched for,
    asked linear between its knots: a word fades, and says nothing of those who never search."""

    def __init__(self, settings: EncoderSettings) -> None:
        super().__init__()
        self.reader = USER_TOWERS[settings.user_tower](settings)
        self.asked = nn.Parameter(-(torch.arange(AGES) - VISIT_KNOTS).clamp(min=0).float())

    def forward(self, past: Past, words: Past) -> Tensor:
        """f32[b, views, d]."""
        weights = torch.exp(between_knots(self.asked, words.ages)) * words.used
        asked = torch.einsum("bw,bwd->bd", weights, words.vectors)
        return torch.cat([self.reader(past), asked[:, None]], dim=1)


class Trunk(nn.Module):
    """u_t = out_bias_t + h_t out_t + Σ_s skip_ts ∘ m_s, h_t what tasks share (sharing/).

    The skip starts at 1: "more of the same" from the first step. out_bias_t · v is an item's standing with everybody:
    its popularity in task t.
    """

    def __init__(self, settings: EncoderSettings, tasks: int) -> None:
        super().__init__()
        d, hidden, views = settings.dim, settings.hidden, READERS[settings.user_tower].views + 1
        self.shared = SHARING[settings.sharing](settings, views * d, tasks)
        self.out = nn.Parameter(0.1 * torch.randn(hidden, tasks, d) / hidden**0.5)
        self.out_bias = nn.Parameter(torch.zeros(tasks, d))
        self.skip = nn.Parameter(torch.ones(tasks, views, d))
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, views: Tensor) -> Tensor:
        """f32[b, views, d] → f32[b, tasks, d]."""
        h = self.dropout(self.shared(views.flatten(1))).expand(-1, len(self.out_bias), -1)
        skipped = torch.einsum("tsd,bsd->btd", self.skip, views)
        return self.out_bias + torch.einsum("bth,htd->btd", h, self.out) + skipped


class Towers(nn.Module):
    """Both towers and the trunk."""

    def __init__(self, settings: EncoderSettings, tasks: int) -> None:
        super().__init__()
        self.settings = settings
        self.item = ItemTower(settings)
        self.user = UserTower(settings)
        self.trunk = Trunk(settings, tasks)

    def weights(self) -> Weights:
        """A copy of everything, as plain arrays."""
        return from_named(
            {name: t.detach().numpy().copy() for name, t in self._tensors().items()}, self.settings
        )

    def load(self, weights: Weights) -> None:
        """The reverse of `weights`; shapes must be equal."""
        arrays = weights.named()
        with torch.no_grad():
            for name, tensor in self._tensors().items():
                tensor.copy_(torch.from_numpy(arrays[name]))

    def _tensors(self) -> dict[str, Tensor]:
        """By part and own name; what lies deeper, as a recurrent cell's, goes by its last name."""
        named = dict(self.named_parameters()) | dict(self.named_buffers())
        return {f"{n.partition('.')[0]}.{n.rpartition('.')[2]}": tensor for n, tensor in named.items()}
