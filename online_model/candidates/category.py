"""Category: the hottest items of the categories the shopper looked at last."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.candidates.pool import CATEGORY, Limits, Scratch, propose
from online_model.tables import Tables


@njit(cache=True)
def category(
    scratch: Scratch,
    n: int,
    history: NDArray[np.void],
    size: int,
    n_interests: int,
    tables: Tables,
    limits: Limits,
    now_ms: int,
) -> int:
    """Propose the best items of the newest categories; the pool's new size."""
    for c in range(min(n_interests, limits.categories)):
        interest = scratch.interests[c]
        for i in range(tables.top_size[interest.category]):
            item = tables.top[interest.category, i]
            n = propose(scratch.pool, n, scratch.place, item, CATEGORY, interest.newest)
    return n
