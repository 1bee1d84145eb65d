"""Seconds as places between knots, on a scale of doublings."""

import math

import numpy as np
from numba import njit

KINDS = 8  # more than online_model.kinds has
AGES = 26  # knots at log₂(1 + seconds) = 0, 1 … 25: the last one is a year


@njit(cache=True, nogil=True)
def place_of(seconds: float) -> np.float32:
    """Where an age lies among the knots, 0 ≤ place < AGES − 1: its knot, and the part of the way to the next."""
    return min(np.float32(math.log1p(seconds) / math.log(2.0)), np.float32(AGES - 1.001))
