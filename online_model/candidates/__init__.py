"""Where candidates come from: four generators of one signature, each in its own file, asked in this order.

A generator is `generate(scratch, n, history, size, n_interests, tables, limits, now_ms) -> n`: it adds to the
pool (n links so far) and gives back its new size. A new one is a file and a line in `gather`.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.candidates.category import category
from online_model.candidates.co_visits import co_visits
from online_model.candidates.own_history import own_history
from online_model.candidates.pool import (
    ASKED,
    CATEGORY,
    CO_VISITS,
    ENCODER,
    HIDDEN,
    LINK,
    OWN_HISTORY,
    SOURCES,
    TRENDING,
    Limits,
    Scratch,
    linked,
)
from online_model.candidates.trending import trending
from online_model.history import find
from online_model.interests import list_interests
from online_model.tables import Tables

__all__ = [
    "ASKED",
    "CATEGORY",
    "CO_VISITS",
    "ENCODER",
    "HIDDEN",
    "LINK",
    "OWN_HISTORY",
    "SOURCES",
    "TRENDING",
    "Limits",
    "Scratch",
    "forget",
    "gather",
]


@njit(cache=True, nogil=True)
def gather(
    scratch: Scratch,
    history: NDArray[np.void],
    size: int,
    hidden: NDArray[np.int32],
    asked: NDArray[np.int32],
    order: NDArray[np.int32],
    columns: NDArray[np.int32],
    tables: Tables,
    limits: Limits,
    now_ms: int,
) -> tuple[int, int, int, int]:
    """Fill the pool. Writes into `order` the pool indices of the candidates, then those of asked items that are
    none, and into `columns` where in that order each asked item stands.

    Gives (candidates, all in `order`, pool's size, interests). The pool stays marked in `place` until `forget`.
    """
    pool, place = scratch.pool, scratch.place
    n_interests = list_interests(
        scratch.interests, scratch.seen_category, scratch.within, history, size, tables.stats
    )
    for item in hidden:
        place[item] = HIDDEN
    n = own_history(scratch, 0, history, size, n_interests, tables, limits, now_ms)
    n = co_visits(scratch, n, history, size, n_interests, tables, limits, now_ms)
    n = category(scratch, n, history, size, n_interests, tables, limits, now_ms)
    n = trending(scratch, n, history, size, n_interests, tables, limits, now_ms)
    chosen = 0
    for i in range(n):
        if pool[i].source > 0:
            order[chosen] = i
            pool[i].column = chosen
            chosen += 1
    listed = chosen
    for item in hidden:  # they may be asked about all the same
        place[item] = -1
    for k in range(len(asked)):
        new = place[asked[k]] < 0
        at, n = linked(pool, n, place, asked[k])
        if new:
            pool[at].own = find(history, size, asked[k])
        if pool[at].column < 0:
            order[listed] = at
            pool[at].column = listed
            listed += 1
        columns[k] = pool[at].column
    return chosen, listed, n, n_interests


@njit(cache=True, nogil=True)
def forget(scratch: Scratch, n: int, n_interests: int) -> None:
    """Leave `place` and `seen_category` as they were before `gather`."""
    for i in range(n):
        scratch.place[scratch.pool[i].item] = -1
    for i in range(n_interests):
        scratch.seen_category[scratch.interests[i].category] = -1
