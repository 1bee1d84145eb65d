"""An item's units, decayed: one level for each kind and half-life, kept as heat is (decay.py).

So a level does not depend on the order in which events come, and a day without a sale needs no event to be seen.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.decay import NEVER, heated

KINDS = 3  # clicks, carts, purchases
HOUR_MS = 3_600_000.0
HALF_LIVES_H = np.array([12.0, 72.0, 336.0])  # today, these days, this season: what they weigh is learned
PACES = len(HALF_LIVES_H)
LEVELS = KINDS * PACES  # place PACES · kind + pace
UNITS_MOST = 1e6  # of one event: a slip of the pen does not drown a shop


@njit(cache=True)
def raise_levels(levels: NDArray[np.float64], kind: int, units: float, ts_ms: int) -> None:
    """Add units that went at ts_ms. In a level's logarithm u units at t are one at t + half-life · log₂ u."""
    if units > 0:
        later = math.log2(min(units, UNITS_MOST))
        for pace in range(PACES):
            half_life_ms = HALF_LIVES_H[pace] * HOUR_MS
            at = PACES * kind + pace
            levels[at] = heated(levels[at], ts_ms + half_life_ms * later, half_life_ms)


@njit(cache=True)
def decayed(levels: NDArray[np.float64], now_ms: int, out: NDArray[np.float64]) -> None:
    """out[LEVELS]: units as they count now; 0 of what never happened.

    >>> levels, out = np.full(LEVELS, NEVER), np.empty(LEVELS)
    >>> raise_levels(levels, 2, 3.0, 0)
    >>> decayed(levels, 12 * 3_600_000, out)
    >>> out[6:].round(3).tolist()  # three purchases, twelve hours ago
    [1.5, 2.673, 2.927]
    """
    for at in range(LEVELS):
        half_life_ms = HALF_LIVES_H[at % PACES] * HOUR_MS
        out[at] = 0.0 if levels[at] <= NEVER else 2.0 ** min(levels[at] - now_ms / half_life_ms, 1000.0)
