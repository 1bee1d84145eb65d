"""Forward decay: a decayed count whose order never changes while nothing happens.

heat(t) = Σᵢ 2^((tᵢ − t) / h) is kept as  H = log₂ Σᵢ 2^(tᵢ / h),  so heat(t) = 2^(H − t/h): two items compare
by H at any time, and nothing is ever rescaled. In float64 H is good to 1e-10 for today's milliseconds.
Cormode, Shkapenyuk, Srivastava & Xu, "Forward decay", ICDE 2009, with the logarithm kept instead of a landmark.
"""

import math

from numba import njit

NEVER = -1e300  # H of what never happened: below everything, and finite, so differences stay numbers


@njit(cache=True)
def heated(heat: float, ts_ms: int, half_life_ms: float) -> float:
    """H after one more event at ts_ms, whatever the order in which events come.

    >>> h = heated(heated(NEVER, 0, 1000.0), 1000, 1000.0)
    >>> round(float(2 ** (h - 1000 / 1000.0)), 6)  # one now, one a half-life ago
    1.5
    """
    event = ts_ms / half_life_ms
    if heat <= NEVER:
        return event
    high = max(heat, event)
    return high + math.log1p(2.0 ** (min(heat, event) - high)) * 1.4426950408889634
