"""A shopper's categories, newest first, read off the history."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.records import record

INTEREST = record(
    [
        ("category", np.int32),
        ("newest", np.int32),  # place in the history of its newest item
        ("items", np.int32),
        ("latest", np.int32),  # how many of the LATEST newest items of the history are of it
        ("events", np.int32),
        ("carts", np.int32),
        ("purchases", np.int32),
    ]
)
LATEST = 3


@njit(cache=True)
def list_interests(
    interests: NDArray[np.void],
    seen_category: NDArray[np.int32],
    within: NDArray[np.int32],
    history: NDArray[np.void],
    size: int,
    stats: NDArray[np.void],
) -> int:
    """Fill interests, and within[i], how many newer items share the category of item i; the number of interests."""
    n = 0
    for i in range(size):
        category = stats[history[i].item].category
        within[i] = 0
        if category < 0:
            continue
        at = seen_category[category]
        if at < 0:
            at = n
            n += 1
            seen_category[category] = at
            interests[at].category, interests[at].newest = category, i
            interests[at].items = interests[at].latest = interests[at].events = 0
            interests[at].carts = interests[at].purchases = 0
        within[i] = interests[at].items
        interests[at].items += 1
        interests[at].latest += i < LATEST
        interests[at].events += history[i].clicks + history[i].carts + history[i].purchases
        interests[at].carts += history[i].carts
        interests[at].purchases += history[i].purchases
    return n
