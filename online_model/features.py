"""What a ranker sees of a shopper and one item: numbers within ±4 that survive half precision.

They are computed from the state before the event, travel in the example, and are never computed again for it.
Which ones: quality on the Taobao sample is flat around this set (any single one can be left out for less than the
seeds differ); the category group is worth .001 recall, the shopper's own dealings nearly everything.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.candidates.pool import Limits, Scratch
from online_model.interests import LATEST
from online_model.records import Record
from online_model.tables import Tables

NAMES = (
    # the shopper's own dealings with the item; all 0 for an item outside the history
    "own",  # 1: it is in the history
    "own_recency",  # 1 / (1 + place in the history)
    "own_last",  # 1: it is the newest; "never the item just viewed" is learned from here
    "own_second",
    "own_events",  # log(1 + events)
    "own_10min",  # 1 / (1 + age / 10 min), and so on: how long ago the last event was
    "own_1h",
    "own_1d",
    "own_age",  # log(1 + age in s) / 12
    "own_last_cart",  # the last event was a cart
    "own_last_purchase",
    "own_carted",  # ever
    "own_purchased",
    "own_basket",  # carted, and neither removed nor bought since
    "own_cart_age",  # 1 / (1 + age of the last cart, uncart or purchase / 1 h)
    "own_gap",  # own · log(1 + s since the shopper's last event) / 12
    "own_last_gap",  # own_last · the same
    "own_dwell",  # log(1 + s from its last event to the next item's) / 12
    "own_rhythm",  # log(age / mean time between its events) / 4, within ±1; 0 for a single event
    "own_in_category",  # 1 / (1 + newer items of the same category)
    "own_session",  # 1: its last event was after the last pause of 30 min
    "own_wait",  # log(1 + s from the next older item's last event to its own) / 12
    "own_log_place",  # log(1 + place in the history) / 4
    "own_place_share",  # place / items in the history
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
    # the shopper and the item's category; all 0 for a category outside the history
    "category_last",  # same category as the newest item
    "category_latest",  # share of the newest three items
    "category_recency",  # 1 / (1 + place among the shopper's categories)
    "category_age",  # log(1 + s since its newest event) / 12
    "category_gap",  # category_last · gap
    "category_share",  # share of the history's items
    "category_events",  # log(1 + the shopper's events in it) / 2
    "category_carts",  # log(1 + carts) / 2
    "category_purchases",
    # the item among all shoppers
    "item_events",  # log(1 + events) / 4
    "item_warm",  # log₂ of the events decayed over a day, 0 at 2⁻⁸, 1 at 1
    "item_hot",  # the same over 6 hours
    "item_carts",  # (carts + .1) / (events + 2)
    "item_purchases",
    "item_again",  # (events by shoppers who had it already + .5) / (events + 2)
    "item_price",  # log(price / price of the newest item, of the same category if there is one) / 2, within ±1
    # the shopper, the same for every item: only products with the others matter
    "gap",  # log(1 + s since the last event) / 12
    "session",  # log(1 + items since the last pause of 30 min) / 4; 0 in a pause
    "last_cart",  # the newest item's last event was a cart
    "last_purchase",
    "carts",  # share of the history's events
    "purchases",
    "session_newest_events",  # log of the newest item's events: 0 when it was new to the shopper
    "session_second_events",  # the same of the second newest
    "gap_before",  # log(1 + s from the second newest item's last event to the newest's) / 12
    "gap_before_5",  # its mean over the newest five pairs
    "gap_change",  # gap − gap_before_5: slower or faster than just before
)
WIDTH = len(NAMES)
(
    OWN,
    OWN_RECENCY,
    OWN_LAST,
    OWN_SECOND,
    OWN_EVENTS,
    OWN_10MIN,
    OWN_1H,
    OWN_1D,
    OWN_AGE,
    OWN_LAST_CART,
    OWN_LAST_PURCHASE,
    OWN_CARTED,
    OWN_PURCHASED,
    OWN_BASKET,
    OWN_CART_AGE,
    OWN_GAP,
    OWN_LAST_GAP,
    OWN_DWELL,
    OWN_RHYTHM,
    OWN_IN_CATEGORY,
    OWN_SESSION,
    OWN_WAIT,
    OWN_LOG_PLACE,
    OWN_PLACE_SHARE,
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
    CATEGORY_LATEST,
    CATEGORY_RECENCY,
    CATEGORY_AGE,
    CATEGORY_GAP,
    CATEGORY_SHARE,
    CATEGORY_EVENTS,
    CATEGORY_CARTS,
    CATEGORY_PURCHASES,
    ITEM_EVENTS,
    ITEM_WARM,
    ITEM_HOT,
    ITEM_CARTS,
    ITEM_PURCHASES,
    ITEM_AGAIN,
    ITEM_PRICE,
    GAP,
    SESSION,
    LAST_CART,
    LAST_PURCHASE,
    CARTS,
    PURCHASES,
    SESSION_NEWEST_EVENTS,
    SESSION_SECOND_EVENTS,
    GAP_BEFORE,
    GAP_BEFORE_5,
    GAP_CHANGE,
) = range(WIDTH)
CART, PURCHASE = 1, 2  # kinds
PAUSE_MS = 30 * 60_000  # a session ends with it, as web analytics has it
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
NEVER_S = 1.2  # what log_seconds gives for a month


@njit(cache=True)
def _log_seconds(ms: float) -> float:
    """log(1 + seconds) / 12: a month is 1.2."""
    return math.log1p(max(ms, 0.0) / 1000.0) / 12.0


@njit(cache=True)
def _session(history: NDArray[np.void], size: int, now_ms: int) -> int:
    """How many of the newest items were last touched since the last pause."""
    session, newer = 0, now_ms
    while session < size and newer - history[session].last_ts <= PAUSE_MS:
        newer = history[session].last_ts
        session += 1
    return session


@njit(cache=True)
def _events(entry: Record) -> int:
    events: int = entry.clicks + entry.carts + entry.purchases + entry.ratings
    return events


@njit(cache=True)
def _of_shopper(
    x: NDArray[np.float32], history: NDArray[np.void], size: int, session: int, now_ms: int
) -> None:
    """The features that are the same for every item."""
    if size == 0:
        x[GAP] = NEVER_S
        return
    x[GAP] = _log_seconds(now_ms - history[0].last_ts)
    x[SESSION] = math.log1p(session) / 4
    x[LAST_CART], x[LAST_PURCHASE] = history[0].kind == CART, history[0].kind == PURCHASE
    events = carts = purchases = 0
    for i in range(size):
        events += history[i].clicks + history[i].carts + history[i].purchases
        carts += history[i].carts
        purchases += history[i].purchases
    x[CARTS], x[PURCHASES] = carts / (1 + events), purchases / (1 + events)
    x[SESSION_NEWEST_EVENTS] = math.log(max(_events(history[0]), 1))
    x[GAP_BEFORE] = x[GAP_BEFORE_5] = NEVER_S
    if size > 1:
        x[SESSION_SECOND_EVENTS] = math.log(max(_events(history[1]), 1))
        x[GAP_BEFORE] = _log_seconds(history[0].last_ts - history[1].last_ts)
        pairs, total = min(size - 1, 5), 0.0
        for i in range(pairs):
            total += _log_seconds(history[i].last_ts - history[i + 1].last_ts)
        x[GAP_BEFORE_5] = total / pairs
    x[GAP_CHANGE] = x[GAP, 0] - x[GAP_BEFORE_5, 0]


@njit(cache=True)
def _of_own(
    x: NDArray[np.float32],
    i: int,
    history: NDArray[np.void],
    size: int,
    own: int,
    within: int,
    session: int,
    now_ms: int,
) -> None:
    """The features of column i, the item at place `own` of the history."""
    entry = history[own]
    age = float(max(now_ms - entry.last_ts, 0))
    events = _events(entry)
    x[OWN, i] = 1
    x[OWN_RECENCY, i] = 1.0 / (1 + own)
    x[OWN_LAST, i], x[OWN_SECOND, i] = own == 0, own == 1
    x[OWN_EVENTS, i] = math.log1p(events)
    x[OWN_10MIN, i] = 1 / (1 + age / (10 * MINUTE_MS))
    x[OWN_1H, i] = 1 / (1 + age / HOUR_MS)
    x[OWN_1D, i] = 1 / (1 + age / DAY_MS)
    x[OWN_AGE, i] = _log_seconds(age)
    x[OWN_LAST_CART, i], x[OWN_LAST_PURCHASE, i] = entry.kind == CART, entry.kind == PURCHASE
    x[OWN_CARTED, i], x[OWN_PURCHASED, i] = entry.carts > 0, entry.purchases > 0
    if entry.basket > 0:
        x[OWN_BASKET, i] = entry.basket & 1 == 0
        x[OWN_CART_AGE, i] = 1 / (1 + max(now_ms - entry.basket // 2, 0) / HOUR_MS)
    x[OWN_GAP, i] = x[GAP, i]
    if own == 0:
        x[OWN_LAST_GAP, i] = x[GAP, i]
    x[OWN_DWELL, i] = _log_seconds((history[own - 1].last_ts if own > 0 else now_ms) - entry.last_ts)
    if events > 1 and entry.last_ts > entry.first_ts:
        between = (entry.last_ts - entry.first_ts) / (events - 1)
        x[OWN_RHYTHM, i] = min(max(math.log((age + 1000) / (between + 1000)) / 4, -1.0), 1.0)
    x[OWN_IN_CATEGORY, i] = 1.0 / (1 + within)
    x[OWN_SESSION, i] = own < session
    x[OWN_WAIT, i] = _log_seconds(entry.last_ts - history[own + 1].last_ts) if own + 1 < size else NEVER_S
    x[OWN_LOG_PLACE, i] = math.log1p(own) / 4
    x[OWN_PLACE_SHARE, i] = own / size


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
    session = _session(history, size, now_ms)
    _of_shopper(x, history, size, session, now_ms)
    last_category, last_price, out_of_last = -2, np.float32(0), np.float32(0.5)
    if size > 0:
        last = tables.stats[history[0].item]
        last_category, last_price = last.category, last.price
        for i in range(last.neighbours):
            out_of_last += tables.rows[history[0].item, i].forward
    warm, hot = now_ms / limits.warm_half_life_ms, now_ms / limits.hot_half_life_ms
    for i in range(listed):
        link = scratch.pool[order[i]]
        it = tables.stats[link.item]
        if link.own >= 0:
            _of_own(x, i, history, size, link.own, scratch.within[link.own], session, now_ms)
        if link.support > 0:
            x[COVISIT, i] = 1
            x[COVISIT_FORWARD, i] = math.log1p(4 * link.forward)
            x[COVISIT_BACKWARD, i] = math.log1p(4 * link.backward)
            x[COVISIT_SUPPORT, i] = link.support / limits.queries
            x[LAST_FORWARD, i] = link.last_forward / out_of_last
            x[LAST_NEXT, i] = link.last_next / out_of_last
            x[LAST_BACKWARD, i] = link.last_backward / out_of_last
            x[SECOND_NEXT, i] = min(link.second_next, np.float32(4)) / 2
        price = last_price
        if it.category >= 0 and scratch.seen_category[it.category] >= 0:
            at = scratch.seen_category[it.category]
            interest = scratch.interests[at]
            newest = history[interest.newest]
            price = tables.stats[newest.item].price
            x[CATEGORY_LAST, i] = it.category == last_category
            x[CATEGORY_LATEST, i] = interest.latest / LATEST
            x[CATEGORY_RECENCY, i] = 1.0 / (1 + at)
            x[CATEGORY_AGE, i] = _log_seconds(now_ms - newest.last_ts)
            x[CATEGORY_GAP, i] = x[GAP, i] * x[CATEGORY_LAST, i]
            x[CATEGORY_SHARE, i] = interest.items / size
            x[CATEGORY_EVENTS, i] = math.log1p(interest.events) / 2
            x[CATEGORY_CARTS, i] = math.log1p(interest.carts) / 2
            x[CATEGORY_PURCHASES, i] = math.log1p(interest.purchases) / 2
        if it.price > 0 and price > 0:
            x[ITEM_PRICE, i] = min(max(math.log(it.price / price) / 2, -1.0), 1.0)
        events = it.clicks + it.carts + it.purchases + it.ratings
        if events > 0:
            x[COVISIT_SHARE, i] = link.forward / math.sqrt(1.0 + events)
            x[ITEM_EVENTS, i] = math.log1p(events) / 4
            x[ITEM_WARM, i] = max(tables.heat[0, link.item] - warm + 8, 0.0) / 8
            x[ITEM_HOT, i] = max(tables.heat[1, link.item] - hot + 8, 0.0) / 8
        x[ITEM_CARTS, i] = (it.carts + 0.1) / (events + 2)
        x[ITEM_PURCHASES, i] = (it.purchases + 0.05) / (events + 2)
        x[ITEM_AGAIN, i] = (it.again + 0.5) / (events + 2)
