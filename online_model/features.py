"""What a ranker sees of a shopper and one item: numbers within ±16 that survive half precision.

They are computed from the state before the event, travel in the example, and are never computed again for it.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.candidates.pool import Limits, Scratch
from online_model.tables import Tables

NAMES = (
    # the shopper's own dealings with the item; all 0 for an item outside the history
    "own",  # 1: it is in the history
    "own_recency",  # 1 / (1 + place in the history)
    "own_last",  # 1: it is the newest; "never the item just viewed" is learned from here
    "own_second",
    "own_third",
    "own_events",  # log(1 + events)
    "own_10min",  # 1 / (1 + age / 10 min), and so on: how long ago the last event was
    "own_1h",
    "own_1d",
    "own_age",  # log(1 + age in s) / 12
    "own_span",  # log(1 + s between the first and the last event) / 12
    "own_last_cart",  # the last event was a cart
    "own_last_purchase",
    "own_carted",  # ever
    "own_purchased",
    "own_basket",  # carted, and neither removed nor bought since
    "own_gap",  # own · log(1 + s since the shopper's last event) / 12
    "own_last_gap",  # own_last · the same
    "own_of_category",  # it is the newest of its category in the history
    # co-visits (decayed weights)
    "covisit",  # 1: a neighbour of one of the newest items
    "covisit_forward",  # log(1 + 4 · summed weight)
    "covisit_share",  # summed weight / √(1 + item's events)
    "covisit_backward",
    "covisit_support",  # share of the newest items that have it as a neighbour
    "last_forward",  # weight from the newest item / (.5 + that item's forward weights so far)
    "last_next",
    "last_backward",
    "second_next",
    # categories
    "category_last",  # same category as the newest item
    "category_recency",  # 1 / (1 + place among the shopper's categories)
    "category_gap",  # category_last · gap
    "category_share",  # share of the history's items
    "category_events",  # log(1 + the shopper's events in it)
    # the item among all shoppers
    "item_events",  # log(1 + events) / 4
    "item_warm",  # log₂ of the events decayed over a day, 0 at 2⁻⁸
    "item_hot",  # the same over 6 hours
    "item_carts",  # (carts + .1) / (events + 2)
    "item_purchases",
    "item_again",  # events by shoppers who had it already, + .5 / + 2
    "item_age",  # log(1 + s since its first event) / 12
)
WIDTH = len(NAMES)
(
    OWN,
    OWN_RECENCY,
    OWN_LAST,
    OWN_SECOND,
    OWN_THIRD,
    OWN_EVENTS,
    OWN_10MIN,
    OWN_1H,
    OWN_1D,
    OWN_AGE,
    OWN_SPAN,
    OWN_LAST_CART,
    OWN_LAST_PURCHASE,
    OWN_CARTED,
    OWN_PURCHASED,
    OWN_BASKET,
    OWN_GAP,
    OWN_LAST_GAP,
    OWN_OF_CATEGORY,
    COVISIT,
    COVISIT_FORWARD,
    COVISIT_SHARE,
    COVISIT_BACKWARD,
    COVISIT_SUPPORT,
    LAST_FORWARD,
    LAST_NEXT,
    LAST_BACKWARD,
    SECOND_NEXT,
    CATEGORY_LAST,
    CATEGORY_RECENCY,
    CATEGORY_GAP,
    CATEGORY_SHARE,
    CATEGORY_EVENTS,
    ITEM_EVENTS,
    ITEM_WARM,
    ITEM_HOT,
    ITEM_CARTS,
    ITEM_PURCHASES,
    ITEM_AGAIN,
    ITEM_AGE,
) = range(WIDTH)
CART, PURCHASE = 1, 2


@njit(cache=True)
def _log_seconds(ms: float) -> float:
    """log(1 + seconds) / 12: a month is 1.2."""
    return math.log1p(max(ms, 0.0) / 1000.0) / 12.0


@njit(cache=True, nogil=True)
def describe(
    x: NDArray[np.float32],
    scratch: Scratch,
    order: NDArray[np.int32],
    listed: int,
    history: NDArray[np.void],
    size: int,
    tables: Tables,
    limits: Limits,
    now_ms: int,
) -> None:
    """Fill x, float32[≥ WIDTH, listed], column i for the pool's entry order[i]; further rows are set to 0."""
    x[:] = 0
    gap = _log_seconds(now_ms - history[0].last_ts) if size > 0 else 1.2
    last_category, out_of_last = -2, np.float32(0.5)
    if size > 0:
        last = history[0].item
        last_category = tables.stats[last].category
        for i in range(tables.stats[last].neighbours):
            out_of_last += tables.rows[last, i].forward
    for row in range(listed):
        link = scratch.pool[order[row]]
        it = tables.stats[link.item]
        if link.own >= 0:
            entry = history[link.own]
            age = float(max(now_ms - entry.last_ts, 0))
            x[OWN, row] = 1
            x[OWN_RECENCY, row] = 1.0 / (1 + link.own)
            if link.own < 3:
                x[OWN_LAST + link.own, row] = 1
            x[OWN_EVENTS, row] = math.log1p(entry.clicks + entry.carts + entry.purchases + entry.ratings)
            x[OWN_10MIN, row] = 1 / (1 + age / 600_000)
            x[OWN_1H, row] = 1 / (1 + age / 3_600_000)
            x[OWN_1D, row] = 1 / (1 + age / 86_400_000)
            x[OWN_AGE, row] = _log_seconds(age)
            if entry.first_ts < entry.last_ts:
                x[OWN_SPAN, row] = _log_seconds(entry.last_ts - entry.first_ts)
            x[OWN_LAST_CART, row] = entry.kind == CART
            x[OWN_LAST_PURCHASE, row] = entry.kind == PURCHASE
            x[OWN_CARTED, row] = entry.carts > 0
            x[OWN_PURCHASED, row] = entry.purchases > 0
            x[OWN_BASKET, row] = entry.basket > 0 and entry.basket & 1 == 0
            x[OWN_GAP, row] = gap
            x[OWN_LAST_GAP, row] = gap * x[OWN_LAST, row]
        if link.support > 0:
            x[COVISIT, row] = 1
            x[COVISIT_FORWARD, row] = math.log1p(4 * link.forward)
            x[COVISIT_BACKWARD, row] = math.log1p(4 * link.backward)
            x[COVISIT_SUPPORT, row] = link.support / limits.queries
            x[LAST_FORWARD, row] = link.last_forward / out_of_last
            x[LAST_NEXT, row] = link.last_next / out_of_last
            x[LAST_BACKWARD, row] = link.last_backward / out_of_last
            x[SECOND_NEXT, row] = min(link.second_next, np.float32(4)) / 2
        if it.category >= 0:
            at = scratch.seen_category[it.category]
            if at >= 0:
                interest = scratch.interests[at]
                x[CATEGORY_LAST, row] = it.category == last_category
                x[CATEGORY_RECENCY, row] = 1.0 / (1 + at)
                x[CATEGORY_GAP, row] = gap * x[CATEGORY_LAST, row]
                x[CATEGORY_SHARE, row] = interest.items / size
                x[CATEGORY_EVENTS, row] = math.log1p(interest.events) / 2
                x[OWN_OF_CATEGORY, row] = interest.newest == link.own
        events = it.clicks + it.carts + it.purchases + it.ratings
        if events > 0:
            x[COVISIT_SHARE, row] = link.forward / math.sqrt(1.0 + events)
            x[ITEM_EVENTS, row] = math.log1p(events) / 4
            x[ITEM_WARM, row] = (
                max(tables.heat[0, link.item] - now_ms / limits.warm_half_life_ms + 8, 0.0) / 8
            )
            x[ITEM_HOT, row] = max(tables.heat[1, link.item] - now_ms / limits.hot_half_life_ms + 8, 0.0) / 8
            x[ITEM_AGE, row] = _log_seconds(now_ms - it.first_ts)
        x[ITEM_CARTS, row] = (it.carts + 0.1) / (events + 2)
        x[ITEM_PURCHASES, row] = (it.purchases + 0.05) / (events + 2)
        x[ITEM_AGAIN, row] = (it.again + 0.5) / (events + 2)
