"""Trending: the hottest items of the shop. It is all there is for a shopper nobody has seen yet."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.candidates.pool import TRENDING, Limits, Scratch, propose
from online_model.tables import Tables


@njit(cache=True)
def trending(
    scratch: Scratch,
    n: int,
    history: NDArray[np.void],
    size: int,
    n_interests: int,
    tables: Tables,
    limits: Limits,
    now_ms: int,
) -> int:
    """Propose the hottest items; the pool's new size."""
    for i in range(tables.hottest_size[0]):
        n = propose(scratch.pool, n, scratch.place, tables.hottest[i], TRENDING, -1)
    return n
