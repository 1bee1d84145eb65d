"""What changes in the catalogue from hour to hour: launches, prices, things that run out and come back."""

import numpy as np

from freshet.datasets.record import Record
from freshet.simulator.catalogue import Catalogue
from freshet.simulator.moments import Moments

REPRICED_A_DAY = 0.02  # of the items
SOLD_OUT_A_DAY = 0.004
BACK_A_DAY = 0.3  # of what is sold out
HOUR_MS = 3_600_000


class Restocking:
    """kept: so many items from the first on never run out, so that a page can always be filled."""

    def __init__(self, catalogue: Catalogue, moments: Moments, rng: np.random.Generator, kept: int) -> None:
        self._catalogue, self._moments, self._rng, self._kept = catalogue, moments, rng, kept

    def announce(self, from_ms: int, until_ms: int) -> None:
        """A message for each item launched in this time, at its launch."""
        launch = self._catalogue.launch_ms
        for item in np.flatnonzero((launch >= from_ms) & (launch < until_ms)).tolist():
            self._say(item, int(launch[item]))

    def hour(self, start_ms: int) -> None:
        """An hour's changes, at random moments of it."""
        shop, rng = self._catalogue, self._rng
        self.announce(start_ms, start_ms + HOUR_MS)
        draw = rng.random((2, len(shop.ids)))
        known = shop.launch_ms <= start_ms
        repriced = known & (draw[0] < REPRICED_A_DAY / 24)
        shop.log_price[repriced] += rng.normal(scale=0.12, size=int(repriced.sum()))
        out = known & shop.available & (draw[1] < SOLD_OUT_A_DAY / 24)
        out[: self._kept] = False
        back = ~shop.available & (draw[1] < BACK_A_DAY / 24)
        shop.available ^= out | back
        for item in np.flatnonzero(repriced | out | back).tolist():
            self._say(item, start_ms + int(rng.integers(HOUR_MS)))

    def _say(self, item: int, ts: int) -> None:
        self._moments.message(ts, Record("items", self._catalogue.item(item)))
