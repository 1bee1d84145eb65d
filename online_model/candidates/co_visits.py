"""Co-visits: neighbours of the newest items, weighed by recency and age of the item they come from.

weight of the p-th newest item = .75^p · (.5 + .5 · 2^(−age / 2 h)); quality was flat around these.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.candidates.pool import CO_VISITS, HIDDEN, Limits, Scratch, linked
from online_model.co_visits import faded
from online_model.records import Record
from online_model.tables import Tables

FADE, AGE_MS = 0.75, 2 * 3_600_000.0
BACKWARD = 0.3  # worth of "came before" beside "came after" when neighbours are chosen


@njit(cache=True)
def _worth(link: Record) -> np.float32:
    worth: np.float32 = link.forward + np.float32(BACKWARD) * link.backward
    return worth


@njit(cache=True)
def _choose(
    pool: NDArray[np.void], n: int, stats: NDArray[np.void], keys: NDArray[np.uint64], most: int
) -> None:
    """Make candidates of the `most` best neighbours that are not candidates yet; ties to the smaller key."""
    worth, eligible = np.empty(n, np.float32), 0
    for i in range(n):
        if pool[i].source == 0 and stats[pool[i].item].available:
            worth[eligible] = _worth(pool[i])
            eligible += 1
    bar = np.float32(-1)
    if eligible > most:
        bar = np.partition(worth[:eligible], eligible - most)[eligible - most]
    for i in range(n):
        if pool[i].source == 0 and stats[pool[i].item].available and _worth(pool[i]) > bar:
            pool[i].source = CO_VISITS
            most -= 1
    while bar >= 0 and most > 0:
        first = -1
        for i in range(n):
            at_bar = pool[i].source == 0 and stats[pool[i].item].available and _worth(pool[i]) == bar
            if at_bar and (first < 0 or keys[pool[i].item] < keys[pool[first].item]):
                first = i
        pool[first].source = CO_VISITS
        most -= 1


@njit(cache=True)
def co_visits(
    scratch: Scratch,
    n: int,
    history: NDArray[np.void],
    size: int,
    n_interests: int,
    tables: Tables,
    limits: Limits,
    now_ms: int,
) -> int:
    """Link the neighbours of the newest items and propose the best of them; the pool's new size."""
    pool, place, stats = scratch.pool, scratch.place, tables.stats
    fade = 1.0
    for p in range(min(size, limits.queries)):
        query = history[p].item
        of_row = stats[query]
        fresh = np.float32(faded(of_row.row_ts, now_ms, limits.covisit_half_life_ms))
        weight = np.float32(fade * (0.5 + 0.5 * faded(history[p].last_ts, now_ms, AGE_MS)))
        fade *= FADE
        for i in range(of_row.neighbours):
            other = tables.rows[query, i]
            if place[other.item] == HIDDEN:
                continue
            at, n = linked(pool, n, place, other.item)
            link = pool[at]
            forward, backward = fresh * other.forward, fresh * other.backward
            link.forward += weight * forward
            link.backward += weight * backward
            link.support += 1
            if p == 0:
                link.last_forward, link.last_next, link.last_backward = forward, fresh * other.next, backward
            elif p == 1:
                link.second_next = fresh * other.next
            if link.own < 0 and weight * (forward + backward) > link.best:
                link.best, link.cause = weight * (forward + backward), p
    _choose(pool, n, stats, tables.keys, limits.covisits)
    return n
