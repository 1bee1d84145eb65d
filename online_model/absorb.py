"""What one step changes: the item's own numbers and row, and the rows of what was looked at before it."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.co_visits import advance, pair_weight, slot_for
from online_model.decay import NEVER, heated
from online_model.demand.levels import KINDS, raise_levels
from online_model.tables import HOT, SOLD, WARM, HalfLives, Tables
from online_model.top_list import raise_item


@njit(cache=True, nogil=True)
def rise(tables: Tables, item: int) -> None:
    """Let an item that got hotter rise in its category's list and in the list over all."""
    stats, heat, keys = tables.stats[item], tables.heat, tables.keys
    if not stats.available or heat[WARM, item] <= NEVER:
        return
    category = stats.category
    if category >= 0:
        size = tables.top_size[category]
        tables.top_size[category] = raise_item(tables.top[category], size, item, heat[WARM], keys)
    size = tables.hottest_size[0]
    tables.hottest_size[0] = raise_item(tables.hottest, size, item, heat[HOT], keys)


@njit(cache=True)
def cents(rating: float) -> int:
    """A hundred times a rating, as an integer: sums of it do not depend on the order. At most ± 10⁹."""
    return round(100 * min(max(rating, -1e7), 1e7))


@njit(cache=True)
def _count(
    tables: Tables, item: int, kind: int, ts: int, again: bool, units: float, half_lives: HalfLives
) -> None:
    """One event into the item's own numbers."""
    it, heat = tables.stats[item], tables.heat
    if kind == 0:
        it.clicks += 1
    elif kind == 1:
        it.carts += 1
    elif kind == 2:
        it.purchases += 1
    else:
        it.ratings += 1
        it.rating_cents += cents(units)
    if again:
        it.again += 1
    if it.first_ts == 0 or ts < it.first_ts:
        it.first_ts = ts
    it.last_ts = max(it.last_ts, ts)
    heat[WARM, item] = heated(heat[WARM, item], ts, half_lives.warm)
    heat[HOT, item] = heated(heat[HOT, item], ts, half_lives.hot)
    if kind < KINDS:
        raise_levels(heat[SOLD:, item], kind, units, ts)


@njit(cache=True, nogil=True)
def absorb(
    tables: Tables,
    owned: NDArray[np.bool_],  # by item; empty: all
    item: int,
    kind: int,
    ts: int,
    again: bool,
    units: float,
    others: NDArray[np.int64],  # what came before, newest first
    their_ts: NDArray[np.int64],
    half_lives: HalfLives,
) -> None:
    """Fold one step into the item's own numbers and row, and into the rows of what came before it."""
    stats, rows, everything = tables.stats, tables.rows, len(owned) == 0
    if everything or owned[item]:
        _count(tables, item, kind, ts, again, units, half_lives)
        rise(tables, item)
        if len(others) > 0:
            it = stats[item]
            unit = advance(rows[item], it.neighbours, it.row_ts, ts, half_lives.covisit)
            it.row_ts = max(it.row_ts, ts)
            for p in range(len(others)):
                at = slot_for(rows[item], it.neighbours, others[p])
                it.neighbours = max(it.neighbours, at + 1)
                rows[item, at].backward += np.float32(unit * pair_weight(p + 1, ts - their_ts[p]))
    for p in range(len(others)):
        other = others[p]
        if everything or owned[other]:
            it = stats[other]
            unit = advance(rows[other], it.neighbours, it.row_ts, ts, half_lives.covisit)
            it.row_ts = max(it.row_ts, ts)
            at = slot_for(rows[other], it.neighbours, item)
            it.neighbours = max(it.neighbours, at + 1)
            rows[other, at].forward += np.float32(unit * pair_weight(p + 1, ts - their_ts[p]))
            if p == 0:
                rows[other, at].next += np.float32(unit)
