"""How far one account may move what all share, told from its own history alone: no more is stored for it.

On one item each kind of event counts once in a window (a day), by the time since the last of its kind where the
history knows it. So n accounts add at most n · (1 + days) of a kind to an item's counts, trends, co-visits and demand,
however often they click. The heads, which know no items, may learn of each account's repeats: what one does again and
again is most of what there is to predict. They stop at REPEATS a window on the same item.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.history import find
from online_model.kinds import Kind
from online_model.records import Record

COUNTS, REPEATED, LAVISH, HASTY = range(4)
"""What an event may do: all; teach the heads, not move items; neither; neither, as the account acts beyond human."""
CAPS = ("", "repeated", "lavish", "hasty")  # their names
REPEATS = 8  # of 100 events of the Taobao sample, 99.2 are among the first eight on their item, or the first in a day
REPEATS_MOST = 128  # in all: counts of a history end at 255
HASTE_ITEMS = 120  # clicked or carted within an hour; the most in the Taobao sample are 79 events
HOUR_MS = 3_600_000
CART, PURCHASE = int(Kind.CART), int(Kind.PURCHASE)


@njit(cache=True)
def _events(entry: Record) -> int:
    events: int = entry.clicks + entry.carts + entry.purchases + entry.ratings
    return events


@njit(cache=True)
def lavish(entry: Record, ts: int, window_ms: int) -> bool:
    """Whether the account has dealt with this item more than REPEATS times a window, since the first time."""
    windows = 1 + max(ts - entry.first_ts, 0) // window_ms
    return bool(_events(entry) >= min(REPEATS * windows, REPEATS_MOST))


@njit(cache=True)
def _repeats(entry: Record, kind: int, ts: int, window_ms: int) -> bool:
    """Whether this kind of event has counted within the window."""
    if kind < CART:
        return bool(ts - entry.last_ts < window_ms)
    if kind == CART:
        return bool(entry.carts > 0 and ts - entry.basket // 2 < window_ms)
    events = entry.purchases if kind == PURCHASE else entry.ratings
    return bool(events >= 1 + max(ts - entry.first_ts, 0) // window_ms)


@njit(cache=True, nogil=True)
def influence(history: NDArray[np.void], size: int, item: int, kind: int, ts: int, window_ms: int) -> int:
    """What an event of this shopper, whose history is from before it, may do. window_ms 0: everything counts."""
    if window_ms == 0:
        return COUNTS
    if kind < PURCHASE and size >= HASTE_ITEMS and history[HASTE_ITEMS - 1].last_ts > ts - HOUR_MS:
        return HASTY
    at = find(history, size, item)
    if at < 0 or not _repeats(history[at], kind, ts, window_ms):
        return COUNTS
    return LAVISH if lavish(history[at], ts, window_ms) else REPEATED
