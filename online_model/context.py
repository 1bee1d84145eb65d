"""What is known of a shown item besides the features of features.py: the slot, and how often what is shown is taken.

Only the heads that learn from impressions see these: a ranker compares items of one list, which share the page.
A rate of c clicks on s showings is log((c + PRIOR · n) / ((s + n) · PRIOR)), n the showings that a guess is worth.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.tables import Tables

PLACEMENTS = 8  # names are hashed into so many columns; shops have about five
ONE, POSITION, DAY_SIN, DAY_COS = range(4)
ITEM_RATE, ITEM_SHOWN, ITEM_CARTS, SHOPPER_RATE, SHOPPER_SHOWN, ITEM_STARS, SHOPPER_STARS = range(4, 11)
CONTEXT = 11 + PLACEMENTS  # columns; the last ones say which placement
PRIOR, GUESS = 0.1, 20.0
STARS_GUESS = 3.0  # ratings that the middle of the range is worth
DAY_MS = 86_400_000
UNKNOWN = -1


def placement_column(placement: str) -> int:
    """Which of the PLACEMENTS columns a slot of the page has; UNKNOWN for no name.

    >>> placement_column(""), 0 <= placement_column("home") < PLACEMENTS
    (-1, True)
    """
    if not placement:
        return UNKNOWN
    number = 2166136261  # FNV-1a, 32 bits: the same in every process
    for byte in placement.encode():
        number = (number ^ byte) * 16777619 & 0xFFFFFFFF
    return (number >> 16) % PLACEMENTS


@njit(cache=True)
def _rate(clicks: float, shown: float) -> float:
    return math.log((clicks + PRIOR * GUESS) / ((shown + GUESS) * PRIOR))


@njit(cache=True)
def _stars(cents: float, ratings: float, middle: float, half: float) -> float:
    """Mean rating, −1 … 1 over its range; 0 without one."""
    mean = (cents / 100 - ratings * middle) / (ratings + STARS_GUESS) / half
    return min(max(mean, -1.0), 1.0)


@njit(cache=True, nogil=True)
def fill_context(
    out: NDArray[np.float32],  # [CONTEXT, n]
    items: NDArray[np.int32],  # [n]
    paged: bool,  # the items are a page, in its order; otherwise each stands as if first
    placement: int,  # column or UNKNOWN
    shopper: tuple[int, int, int, int],  # items shown, clicks, ratings, a hundred times the sum of these
    stars: tuple[float, float],  # middle of the range of ratings, and half of its width
    tables: Tables,
    now_ms: int,
) -> None:
    """Columns within ±4 that survive half precision."""
    out[:] = 0
    shown, clicked, rated, cents = shopper
    angle = 2 * math.pi * (now_ms % DAY_MS) / DAY_MS
    for i in range(len(items)):
        it = tables.stats[items[i]]
        out[ONE, i] = 1
        out[POSITION, i] = min(i, 40) / 10 if paged else 0
        out[DAY_SIN, i], out[DAY_COS, i] = math.sin(angle), math.cos(angle)
        out[ITEM_RATE, i] = _rate(it.clicks, max(it.shown, it.clicks))
        out[ITEM_SHOWN, i] = math.log1p(it.shown) / 6
        out[ITEM_CARTS, i] = (it.carts + 0.4) / (it.clicks + 2) * 2
        out[SHOPPER_RATE, i] = _rate(clicked, max(shown, clicked))
        out[SHOPPER_SHOWN, i] = math.log1p(shown) / 6
        out[ITEM_STARS, i] = _stars(it.rating_cents, it.ratings, stars[0], stars[1])
        out[SHOPPER_STARS, i] = _stars(cents, rated, stars[0], stars[1])
        if placement >= 0:
            out[CONTEXT - PLACEMENTS + placement, i] = 1
