"""The shop's effects β, learned by online EM: an event is credited to what may have caused it.

At an event of u units:  r_f = β_f A_f / Σ β A  (E step),  credit_f += u · r_f;  between events exposure_f grows by
∫ s(t) Σ_items A_f(t) dt, which the shop's totals give without looking at any item;  β_f = credit_f / exposure_f
(M step). Credit and exposure halve in 4 days, so the effects follow the shop.
Veen & Schoenberg, "Estimation of space-time branching process models", JASA 2008, for EM; Cappé & Moulines, "On-line
EM", JRSS B 2009, for the decayed sums. An item is known from its first event, which is credited to nothing.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.demand.levels import HALF_LIVES_H, HOUR_MS, KINDS, LEVELS, PACES, decayed
from online_model.demand.week import WEEK, count_hour, hour_of_week

CAUSES = 1 + LEVELS  # the item itself, then its levels
FORGET_H = 96.0
PRIOR_EXPOSURE = 20.0  # hours of one unit: what the first guess is worth
FIRST_BASE, FIRST_OWN, FIRST_OTHER = 1e-5, 0.2, 0.02  # units an hour; units that one unit brings in all
LN2 = math.log(2)
NEWEST_MS, KNOWN = 0, 1  # places of `clock`


class Shop(NamedTuple):
    """All float64. It is a fold of the shop's events in their order."""

    credit: NDArray[np.float64]  # [KINDS, CAUSES]
    exposure: NDArray[np.float64]  # [CAUSES]
    totals: NDArray[np.float64]  # [LEVELS], over all items, as of the newest event
    sizes: NDArray[np.float64]  # [KINDS, 2]: Σ units and Σ units², decayed
    clock: NDArray[np.float64]  # [2]: ms of the newest event, 0 before the first; items known
    events: NDArray[np.float64]  # [WEEK] (week.py)
    hours: NDArray[np.float64]  # [WEEK]
    season: NDArray[np.float64]  # [WEEK]


def empty_shop() -> Shop:
    """Before the first event."""
    return Shop(
        credit=np.zeros((KINDS, CAUSES)),
        exposure=np.zeros(CAUSES),
        totals=np.zeros(LEVELS),
        sizes=np.zeros((KINDS, 2)),
        clock=np.zeros(2),
        events=np.zeros(WEEK),
        hours=np.zeros(WEEK),
        season=np.ones(WEEK),
    )


@njit(cache=True)
def effects(shop: Shop, kind: int, out: NDArray[np.float64]) -> None:
    """out[CAUSES]: β of one kind, in units an hour for each unit of a level."""
    out[0] = (shop.credit[kind, 0] + PRIOR_EXPOSURE * FIRST_BASE) / (shop.exposure[0] + PRIOR_EXPOSURE)
    for at in range(LEVELS):
        brought = FIRST_OWN if at // PACES == kind else FIRST_OTHER
        first = brought / PACES * LN2 / HALF_LIVES_H[at % PACES]
        out[1 + at] = (shop.credit[kind, 1 + at] + PRIOR_EXPOSURE * first) / (
            shop.exposure[1 + at] + PRIOR_EXPOSURE
        )


@njit(cache=True)
def _pass_time(shop: Shop, hours: float, season: float) -> None:
    kept = 2.0 ** (-hours / FORGET_H)
    for cause in range(CAUSES):
        shop.exposure[cause] *= kept
        for kind in range(KINDS):
            shop.credit[kind, cause] *= kept
    for kind in range(KINDS):
        shop.sizes[kind] *= kept
    shop.exposure[0] += season * shop.clock[KNOWN] * hours
    for at in range(LEVELS):
        rate = LN2 / HALF_LIVES_H[at % PACES]
        left = math.exp(-rate * hours)
        shop.exposure[1 + at] += season * shop.totals[at] * (1 - left) / rate
        shop.totals[at] *= left


@njit(cache=True, nogil=True)
def learn(shop: Shop, levels: NDArray[np.float64], known: bool, kind: int, units: float, ts_ms: int) -> None:
    """One event of an item. levels[LEVELS], known: of the item, as they were before the event."""
    newest = int(shop.clock[NEWEST_MS])
    now = max(ts_ms, newest)
    if newest > 0:
        count_hour(shop.events, shop.hours, shop.season, newest, now)
        _pass_time(shop, (now - newest) / HOUR_MS, shop.season[hour_of_week(now)])
    shop.clock[NEWEST_MS] = now
    if known:
        beta, level = np.empty(CAUSES), np.empty(LEVELS)
        effects(shop, kind, beta)
        decayed(levels, now, level)
        beta[1:] *= level
        share = units / beta.sum()
        for cause in range(CAUSES):
            shop.credit[kind, cause] += beta[cause] * share
    else:
        shop.clock[KNOWN] += 1
    for pace in range(PACES):
        shop.totals[PACES * kind + pace] += units
    shop.sizes[kind, 0] += units
    shop.sizes[kind, 1] += units * units
