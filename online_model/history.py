"""A shopper's items, newest first: one record each, folded so that the order of arrival does not matter.

Counts add (up to 255), times take the maximum, flags or. Entries are ordered by (last_ts, key of the item), newest
first, and the oldest falls off the end. Membership, order, times and kinds are therefore the same for any order
of the same events; counts too, as long as an item that returns had not fallen off (hence the slack).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.records import Record, record

ENTRY = record(
    [
        ("item", np.int32),
        ("kind", np.uint8),  # of the last event; of several at the same time the largest
        ("clicks", np.uint8),
        ("carts", np.uint8),
        ("purchases", np.uint8),
        ("ratings", np.uint8),
        ("flags", np.uint8),
        ("key", np.uint64),  # of the item
        ("last_ts", np.int64),
        ("first_ts", np.int64),
        (
            "basket",
            np.int64,
        ),  # 2 · ts of the last cart, + 1 if an uncart or a purchase came at or after it; 0: none
    ]
)
LIKED, DISLIKED = 1, 2  # flags: a rating of at least 4, of at most 2, came once
_CART, _PURCHASE, _RATING, _UNCART = 1, 2, 3, 7


@njit(cache=True)
def find(history: NDArray[np.void], size: int, item: int) -> int:
    """Place of an item in a history, or -1."""
    for i in range(size):
        if history[i].item == item:
            return i
    return -1


@njit(cache=True)
def _place(history: NDArray[np.void], size: int, ts: int, key: np.uint64) -> int:
    """How many entries are newer than (ts, key)."""
    at = 0
    while at < size and (history[at].last_ts > ts or (history[at].last_ts == ts and history[at].key > key)):
        at += 1
    return at


@njit(cache=True)
def _more(count: int) -> int:
    return min(count + 1, 255)


@njit(cache=True)
def _touch(entry: Record, kind: int, ts: int, value: float) -> None:
    """Add one event to an entry; its last_ts is moved by the caller, who knows the order."""
    if kind == 0:
        entry.clicks = _more(entry.clicks)
    elif kind == _CART:
        entry.carts = _more(entry.carts)
        entry.basket = max(entry.basket, 2 * ts)
    elif kind == _PURCHASE:
        entry.purchases = _more(entry.purchases)
        entry.basket = max(entry.basket, 2 * ts + 1)
    elif kind == _RATING:
        entry.ratings = _more(entry.ratings)
        if value >= 4:
            entry.flags |= LIKED
        elif value <= 2:
            entry.flags |= DISLIKED
    elif kind == _UNCART:
        entry.basket = max(entry.basket, 2 * ts + 1)


@njit(cache=True, nogil=True)
def fold(
    history: NDArray[np.void], size: int, item: int, key: np.uint64, kind: int, ts: int, value: float
) -> int:
    """One event into ENTRY[capacity], of which `size` are used; the new size."""
    at = find(history, size, item)
    if at >= 0:
        entry = history[at]
        _touch(entry, kind, ts, value)
        entry.first_ts = min(entry.first_ts, ts)
        if ts == entry.last_ts:
            entry.kind = max(entry.kind, kind)
        if ts <= entry.last_ts:
            return size
        moved = history[at : at + 1].copy()
        moved[0].last_ts, moved[0].kind = ts, kind
        to = _place(history, size, ts, key)  # to <= at: it only gets newer
    else:
        moved = np.zeros(1, ENTRY)
        moved[0].item, moved[0].key = item, key
        moved[0].first_ts = moved[0].last_ts = ts
        moved[0].kind = kind
        _touch(moved[0], kind, ts, value)
        to = _place(history, size, ts, key)
        if to == len(history):
            return size
        at = min(size, len(history) - 1)
        size = at + 1
    for i in range(at, to, -1):
        history[i] = history[i - 1]
    history[to] = moved[0]
    return size


@njit(cache=True, nogil=True)
def before(
    history: NDArray[np.void], size: int, item: int, ts: int, window_ms: int, out: NDArray[np.int64]
) -> int:
    """What was looked at before ts: int64[n, 2] of (item, last_ts), newest first, without the item itself."""
    n = 0
    for i in range(size):
        entry = history[i]
        if entry.last_ts < ts - window_ms or n == len(out):
            break
        if entry.item != item and entry.last_ts <= ts:
            out[n, 0], out[n, 1] = entry.item, entry.last_ts
            n += 1
    return n
