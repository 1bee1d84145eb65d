"""Who gets the places of lists: how many go to new items, and to small ones."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from online_model.floor import are_new
from online_model.item_table import ItemTable

REFRESHED = 1_000  # lists from one median to the next: it moves slowly, and costs 1 ms of 100,000 items
COUNTED = ("clicks", "carts", "purchases", "ratings")


class Shares(NamedTuple):
    """Of `places`, those that hold a new item, and those that hold a small one."""

    places: int
    new: int
    small: int


class Exposure:
    """New: first seen within so many days of event time. Small: no more events than the median of the items that have
    any: half of all, or more where most have a single one. lists, median: looked at so far, and as of the last of each
    REFRESHED.
    """

    def __init__(self, items: ItemTable, new_days: float) -> None:
        self._items, self._days = items, new_days
        self.lists, self.median = 0, 0.0

    def of(self, listed: NDArray[np.int32], now_ms: int) -> Shares:
        """Of a list, as indices into the item table."""
        stats = self._items.stats
        if self.lists % REFRESHED == 0:
            events = _events(stats)
            self.median = float(np.median(events[events > 0])) if events.any() else 0.0
        self.lists += 1
        at = stats[listed]
        new = are_new(at["first_ts"], now_ms, self._days)
        return Shares(len(listed), int(new.sum()), int((_events(at) <= self.median).sum()))


def _events(stats: NDArray[np.void]) -> NDArray[np.int64]:
    return sum((stats[name].astype(np.int64) for name in COUNTED), np.zeros(len(stats), np.int64))
