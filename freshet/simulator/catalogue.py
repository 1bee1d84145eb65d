"""What the shop sells: items in a tree of categories, each with a brand, a price, an appeal and a day of launch."""

import numpy as np
from numpy.typing import NDArray

from freshet.contract.events import Item
from freshet.simulator.settings import ShopSettings
from freshet.simulator.words import made_up

DAY_MS = 86_400_000


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of length one."""
    scaled: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


class Catalogue:
    """Items 0 … n − 1, sorted by category: category c has items start[c] … start[c + 1] − 1.

    vectors: float64[n, dim], of length one: category, brand and something of its own. log_price: natural log.
    appeal: standard normal, the same for everybody. launch_ms: when it comes; 0 for what was always there.
    available: changes as the shop runs out of things.
    """

    def __init__(self, settings: ShopSettings, rng: np.random.Generator) -> None:
        n, dim = settings.items, settings.dim
        sections = settings.departments * settings.sections
        self.departments = np.repeat(np.arange(settings.departments), settings.sections)
        spread = unit(rng.normal(size=(settings.departments, dim)))
        self.category_vectors = unit(spread[self.departments] + 0.8 * unit(rng.normal(size=(sections, dim))))
        size = rng.dirichlet(np.full(sections, 2.0))
        self.category = np.sort(rng.choice(sections, n, p=size))
        self.start = np.searchsorted(self.category, np.arange(sections + 1))
        self.brand = rng.integers(settings.brands, size=n)
        brand_vectors = unit(rng.normal(size=(settings.brands, dim)))
        own = unit(rng.normal(size=(n, dim)))
        self.vectors = unit(
            1.0 * self.category_vectors[self.category] + 0.5 * brand_vectors[self.brand] + 0.7 * own
        )
        luxury = rng.normal(scale=0.3, size=settings.brands)
        level = rng.normal(loc=3.0, scale=0.6, size=sections)  # e³ ≈ 20 in the shop's currency
        self.log_price = level[self.category] + luxury[self.brand] + rng.normal(scale=0.4, size=n)
        self.appeal = rng.normal(size=n)
        later = rng.random(n) < settings.launched_later
        later[: 2 * settings.page] = False  # a shop is never without a page's worth
        days = rng.uniform(0, settings.launch_days, n)
        self.launch_ms = np.where(later, settings.start_ms + days * DAY_MS, 0).astype(np.int64)
        self.available = np.ones(n, bool)
        self.ids = [f"i{item:05d}" for item in range(n)]
        words = made_up(rng, settings.departments + sections + settings.brands + 200)
        upper, words = words[: settings.departments], words[settings.departments :]
        self.paths = [f"{upper[d]}/{words[c]}" for c, d in enumerate(self.departments)]
        self.brands = [word.capitalize() for word in words[sections : sections + settings.brands]]
        self.nouns = words[:sections]
        adjectives = words[sections + settings.brands :]
        tellers = unit(rng.normal(size=(len(adjectives), dim)))  # a word suits the items that lie its way
        self.tags = [[adjectives[w] for w in best] for best in np.argsort(-own @ tellers.T, axis=1)[:, :3]]

    def item(self, index: int) -> Item:
        """What the shop says of it now."""
        brand, noun = self.brands[self.brand[index]], self.nouns[self.category[index]]
        return Item(
            item_id=self.ids[index],
            category=self.paths[self.category[index]],
            price=self.price(index),
            brand=brand,
            title=f"{brand} {self.tags[index][0]} {noun}",
            tags=self.tags[index],
            available=bool(self.available[index]),
            released_ts=int(self.launch_ms[index]) or None,
        )

    def price(self, index: int) -> float:
        """In the shop's currency."""
        return round(float(np.exp(self.log_price[index])), 2)

    def query(self, category: int, rng: np.random.Generator) -> str:
        """What somebody who looks for this category types: its noun, often with a brand."""
        noun = self.nouns[category]
        brand = self.brands[int(rng.integers(len(self.brands)))]
        return f"{brand} {noun}".lower() if rng.random() < 0.3 else noun

    def on_sale(self, now_ms: int) -> NDArray[np.bool_]:
        """bool[n]: launched and in stock."""
        return (self.launch_ms <= now_ms) & self.available
