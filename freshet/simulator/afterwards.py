"""What comes days after a purchase: a rating with a review, or the thing itself."""

from typing import Any

import numpy as np

from freshet.contract.events import Feedback, Rating
from freshet.simulator.catalogue import DAY_MS, Catalogue
from freshet.simulator.moments import Moments
from freshet.simulator.shoppers import Shoppers
from freshet.simulator.words import review

RATED = 0.4  # of purchases
REVIEWED = 0.5  # of ratings
RETURNED = 0.05  # of purchases that fit middling


class Afterwards:
    """stars = 3.2 + 2 · fit + 0.4 · appeal + noise of .7, rounded to 1 … 5; what fits badly is returned more."""

    def __init__(
        self, catalogue: Catalogue, shoppers: Shoppers, moments: Moments, rng: np.random.Generator
    ) -> None:
        self._catalogue, self._shoppers, self._moments, self._rng = catalogue, shoppers, moments, rng

    def bought(self, shopper: int, item: int, ts: int) -> None:
        """Plan what will come of it."""
        rng, shop = self._rng, self._catalogue
        fit = float(self._shoppers.taste[shopper] @ shop.vectors[item])
        common: dict[str, Any] = {"user_id": self._shoppers.ids[shopper], "item_id": shop.ids[item]}
        if rng.random() < RATED:
            stars = int(np.clip(round(3.2 + 2 * fit + 0.4 * shop.appeal[item] + rng.normal(scale=0.7)), 1, 5))
            text = review(rng, stars) if rng.random() < REVIEWED else None
            when = ts + int(rng.uniform(1, 5) * DAY_MS)
            self._moments.event("ratings", Rating, when, rating=float(stars), text=text, **common)
        if rng.random() < RETURNED * np.exp(-2 * fit):
            when = ts + int(rng.uniform(3, 10) * DAY_MS)
            self._moments.event("feedback", Feedback, when, action="return", **common)
