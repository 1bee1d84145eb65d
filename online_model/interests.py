"""A shopper's categories, newest first, read off the history."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

INTEREST = np.dtype(
    [("category", np.int32), ("items", np.int32), ("events", np.int32), ("newest", np.int32)], align=True
)


@njit(cache=True)
def list_interests(
    interests: NDArray[np.void],
    seen_category: NDArray[np.int32],
    history: NDArray[np.void],
    size: int,
    stats: NDArray[np.void],
) -> int:
    """Fill interests (category, distinct items, events, place of its newest item); how many there are."""
    n = 0
    for i in range(size):
        category = stats[history[i].item].category
        if category < 0:
            continue
        at = seen_category[category]
        if at < 0:
            at = n
            n += 1
            seen_category[category] = at
            interests[at].category, interests[at].newest = category, i
            interests[at].items = interests[at].events = 0
        interests[at].items += 1
        interests[at].events += history[i].clicks + history[i].carts + history[i].purchases
    return n
