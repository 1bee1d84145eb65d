"""Who comes: hidden tastes that drift, a purse, a habit of coming, a mission, and what was looked at lately."""

import numpy as np
from numpy.typing import NDArray

from freshet.simulator.catalogue import Catalogue, unit
from freshet.simulator.settings import ShopSettings

RECENT = 20  # items a shopper may come back to
FAVOURITES = 3  # categories that a taste is made of


class Shoppers:
    """taste: float64[n, dim], of length one. purse: the log price one is used to. habit: visits a day.

    mission: category of the last visit's mission. recent: int[n, RECENT], newest first, −1 for none.
    """

    def __init__(self, settings: ShopSettings, catalogue: Catalogue, rng: np.random.Generator) -> None:
        n = settings.shoppers
        self._catalogue, self._drift = catalogue, settings.drift
        self.taste = self._tastes(n, rng)
        self.purse = float(catalogue.log_price.mean()) + rng.normal(scale=0.5, size=n)
        self.habit = settings.visits_a_day * rng.gamma(0.7, 1 / 0.7, size=n)  # a few come very often
        self.keenness = rng.normal(scale=0.5, size=n)  # logit of clicking and buying at all
        self.mission = self.missions(np.arange(n), np.zeros(len(catalogue.paths)), rng)
        self.recent = np.full((n, RECENT), -1, np.int64)
        self.last_ms = np.full(n, settings.start_ms, np.int64)
        self.ids = [f"u{shopper:05d}" for shopper in range(n)]

    def _tastes(self, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        favourites = rng.integers(len(self._catalogue.paths), size=(n, FAVOURITES))
        parts = rng.dirichlet(np.ones(FAVOURITES), size=n)
        liked = np.einsum("nf,nfd->nd", parts, self._catalogue.category_vectors[favourites])
        return unit(liked + 0.4 * unit(rng.normal(size=liked.shape)))

    def drift(self, who: NDArray[np.int64], now_ms: NDArray[np.int64], rng: np.random.Generator) -> None:
        """Move these shoppers' tastes on since their last visit, towards tastes drawn anew."""
        days = (now_ms - self.last_ms[who]) / 86_400_000
        new = 1 - (1 - self._drift) ** np.clip(days, 0, 30)
        self.taste[who] = unit(
            (1 - new)[:, None] * self.taste[who] + new[:, None] * self._tastes(len(who), rng)
        )
        self.last_ms[who] = now_ms

    def missions(
        self, who: NDArray[np.int64], trend: NDArray[np.float64], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """A category for each, by taste and trend: softmax of 5 · taste·category + trend."""
        logits = 5 * self.taste[who] @ self._catalogue.category_vectors.T + trend
        drawn: NDArray[np.int64] = np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)
        return drawn

    def look_at(self, shopper: int, item: int) -> None:
        """Put an item in front of the recent ones."""
        recent = self.recent[shopper]
        kept = recent[recent != item][: RECENT - 1]
        recent[1 : 1 + len(kept)] = kept
        recent[0] = item
