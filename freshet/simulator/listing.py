"""The listing policy: what the shop puts on a page. It knows what sells, what was looked at, and the page's subject.

Each page draws POOL items, by popularity inside the subject or over all and from the shopper's recent ones, and
shows the best under 0.7 · log popularity + 1.0 · (recent) + Gumbel noise: the noise is the exploration.
"""

import numpy as np
from numpy.typing import NDArray

from freshet.simulator.catalogue import Catalogue
from freshet.simulator.shoppers import Shoppers

POOL = 40  # four times a page
RECENT = 5  # of the pool: what the shopper looked at last
ANYTHING = 8  # of the pool: of any category, whatever the subject
NAME = "popularity-gumbel"  # context.policy of every impression


class Listing:
    """popularity: float64[n], clicks that fade with half a week; the policy's knowledge, not the truth."""

    def __init__(self, catalogue: Catalogue, shoppers: Shoppers) -> None:
        self._catalogue, self._shoppers = catalogue, shoppers
        self.popularity = np.zeros(len(catalogue.ids))
        self._cumulated = np.zeros(len(catalogue.ids) + 1)
        self._on_sale = np.zeros(len(catalogue.ids), bool)

    def pass_time(self, now_ms: int, hours: float) -> None:
        """Forget a little, and take in what is on sale now."""
        self.popularity *= 0.5 ** (hours / 84)
        self._on_sale = self._catalogue.on_sale(now_ms)
        weight = np.where(self._on_sale, (1 + self.popularity) ** 0.7, 0.0)
        np.cumsum(weight, out=self._cumulated[1:])

    def page(
        self, who: NDArray[np.int64], subject: NDArray[np.int64], size: int, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """int64[s, size]: different items for each shopper; subject: a category, −1 for everything."""
        pool = self._drawn(subject, rng)
        recent = self._shoppers.recent[who, :RECENT]
        shown_again = (recent >= 0) & self._on_sale[recent]
        pool[:, :RECENT] = np.where(shown_again, recent, pool[:, :RECENT])
        score = 0.7 * np.log1p(self.popularity[pool]) + rng.gumbel(size=pool.shape)
        score[:, :RECENT] += shown_again
        score[repeats(pool)] = -np.inf
        best = np.argsort(-score, axis=1)[:, :size]
        page = np.asarray(np.take_along_axis(pool, best, axis=1))
        short = np.take_along_axis(score, best, axis=1)[:, -1] == -np.inf
        for row in np.flatnonzero(short):  # too few different ones drawn: fill up with any
            first = list(dict.fromkeys(page[row].tolist()))
            others = np.setdiff1d(np.flatnonzero(self._on_sale), first)
            page[row] = [*first, *rng.choice(others, size - len(first), replace=False).tolist()]
        return page

    def _drawn(self, subject: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """int64[s, POOL]: by popularity, inside the subject but for the last ANYTHING."""
        low = self._cumulated[self._catalogue.start[subject]]
        high = self._cumulated[self._catalogue.start[subject + 1]]
        whole = (subject < 0) | (low == high)  # no subject, or one that is sold out
        low, high = np.where(whole, 0.0, low), np.where(whole, self._cumulated[-1], high)
        draws = rng.random((len(subject), POOL))
        draws[:, :-ANYTHING] = low[:, None] + (high - low)[:, None] * draws[:, :-ANYTHING]
        draws[:, -ANYTHING:] *= self._cumulated[-1]
        return np.searchsorted(self._cumulated, draws, side="right") - 1


def repeats(pool: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a row holds what it held before.

    >>> repeats(np.array([[3, 1, 3, 3]])).tolist()
    [[False, False, True, True]]
    """
    rank = np.argsort(pool, axis=1, kind="stable")
    ordered = np.take_along_axis(pool, rank, axis=1)
    found = np.zeros(pool.shape, bool)
    np.put_along_axis(found, rank[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
    return found
