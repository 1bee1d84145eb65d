"""The pool: every item that a shopper's history touches, each once, with who proposed it and what links to it.

An item is in the pool when it is a candidate (source > 0), a known neighbour that was not chosen, or one of the
items a caller asked about (both source 0): what links to an item never depends on whether it was chosen.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.records import record

ASKED, OWN_HISTORY, CO_VISITS, CATEGORY, TRENDING, ENCODER = range(6)
SOURCES = ("asked", "own_history", "co_visits", "category", "trending", "encoder")

LINK = record(
    [
        ("item", np.int32),
        ("own", np.int32),  # place in the history, or -1
        ("source", np.int32),  # index into SOURCES
        ("column", np.int32),  # where its features stand, or -1
        ("cause", np.int32),  # place in the history of what proposed it, or -1
        ("support", np.int32),  # how many of the newest items have it as a neighbour
        ("forward", np.float32),  # co-visit weights, faded, summed over the newest items by recency and age
        ("backward", np.float32),
        ("last_forward", np.float32),  # the same from the newest item alone, not weighted
        ("last_next", np.float32),
        ("last_backward", np.float32),
        ("second_next", np.float32),  # and "came right after" from the second newest
        ("best", np.float32),  # largest single contribution to forward + backward: names the cause
    ]
)


class Scratch(NamedTuple):
    """Room that one Recommender works in. place and seen_category are -1 between calls."""

    pool: NDArray[np.void]  # LINK[room]
    place: NDArray[np.int32]  # item → index into pool, -1: not in it, HIDDEN: must not be shown
    interests: NDArray[np.void]  # INTEREST[history]: the shopper's categories, newest first
    seen_category: NDArray[np.int32]  # category → index into interests, -1
    within: NDArray[np.int32]  # [history]: how many newer items of the history share the category


class Limits(NamedTuple):
    """The settings that the generators read."""

    queries: int
    covisits: int
    categories: int
    trending: int
    covisit_half_life_ms: float
    warm_half_life_ms: float
    hot_half_life_ms: float


HIDDEN = -2


@njit(cache=True)
def linked(pool: NDArray[np.void], n: int, place: NDArray[np.int32], item: int) -> tuple[int, int]:
    """The item's index in the pool, put there if it is new, and the pool's size."""
    at = place[item]
    if at >= 0:
        return at, n
    link = pool[n]
    link.item = item
    link.own = link.cause = link.column = -1
    link.source = link.support = 0
    link.forward = link.backward = link.last_forward = link.last_next = np.float32(0)
    link.last_backward = link.second_next = link.best = np.float32(0)
    place[item] = n
    return n, n + 1


@njit(cache=True)
def propose(
    pool: NDArray[np.void], n: int, place: NDArray[np.int32], item: int, source: int, cause: int
) -> int:
    """Make an item a candidate unless it is one already or hidden; the pool's size."""
    if place[item] == HIDDEN:
        return n
    at, n = linked(pool, n, place, item)
    if pool[at].source == 0:
        pool[at].source = source
        if pool[at].cause < 0:
            pool[at].cause = cause
    return n
