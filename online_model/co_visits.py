"""Which items are looked at around one another: one bounded row of neighbours for each item.

A row of item a holds, for other items b, decayed weights of: b came after a (forward), b came before a
(backward), b came right after a (next). All weights of a row are as of the row's own time, so a row decays by
one factor; updating it never touches another row, whose owner may be another process.
Weight of a pair g places apart: 1/g, halved when more than an hour lies between (the sample's best of 1, 1/g,
1/√g; a shopper's pairs of yesterday are weaker evidence).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.records import record

NEIGHBOUR = record(
    [("item", np.int32), ("forward", np.float32), ("backward", np.float32), ("next", np.float32)]
)
HOUR_MS = 3_600_000


@njit(cache=True)
def faded(row_ts: int, now_ms: int, half_life_ms: float) -> float:
    """What a row's weights are worth at now_ms; a row ahead of now_ms is taken as it is.

    >>> faded(0, 1000, 1000.0), faded(1000, 0, 1000.0)
    (0.5, 1.0)
    """
    return float(2.0 ** (-max(now_ms - row_ts, 0) / half_life_ms))


@njit(cache=True)
def pair_weight(places: int, gap_ms: int) -> float:
    """Weight of two items `places` apart in a history, gap_ms between them."""
    return (0.5 if gap_ms > HOUR_MS else 1.0) / places


@njit(cache=True)
def advance(row: NDArray[np.void], size: int, row_ts: int, ts_ms: int, half_life_ms: float) -> float:
    """Bring a row to ts_ms; the worth now of one unit that happened at ts_ms (below 1 when it comes late)."""
    if ts_ms <= row_ts:
        return faded(ts_ms, row_ts, half_life_ms)
    factor = np.float32(faded(row_ts, ts_ms, half_life_ms))
    for i in range(size):
        row[i].forward *= factor
        row[i].backward *= factor
        row[i].next *= factor
    return 1.0


@njit(cache=True)
def slot_for(row: NDArray[np.void], size: int, item: int) -> int:
    """Place of a neighbour in a row. A new one takes the first free place, or that of the weakest."""
    weakest, least = 0, np.inf
    for i in range(size):
        if row[i].item == item:
            return i
        weight = row[i].forward + row[i].backward
        if weight < least:
            weakest, least = i, weight
    at = size if size < len(row) else weakest
    row[at].item = item
    row[at].forward = row[at].backward = row[at].next = np.float32(0)
    return at
