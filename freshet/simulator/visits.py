"""Visits: who comes in an hour, what they are shown page after page, and what they do about it.

All visits of an hour go forward page by page together, so that the arithmetic is done on arrays.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from freshet.simulator.catalogue import Catalogue
from freshet.simulator.choices import PLACES, Floats, Look, truth
from freshet.simulator.listing import Listing
from freshet.simulator.shoppers import Shoppers

PAGES_MOST = 12
GO_ON = 0.8  # probability of one more page: 5 on average
PLACE_SHARES = (0.3, 0.22, 0.2, 0.2, 0.08)  # of PLACES, after a visit's first page, which is home or a search
HOME_FIRST = 0.6
AD_ITEMS = 3
SAME_MISSION = 0.5  # a mission that goes on from the visit before
BUYERS = 0.35  # of visits: come to buy, the others to browse
HOME, CATEGORY, SEARCH, SIMILAR, AD = range(len(PLACES))


class Visits(NamedTuple):
    """The visits of one hour, side by side. clock: ms. last: the item clicked last, −1 for none."""

    who: NDArray[np.int64]
    mission: NDArray[np.int64]
    mood: Floats
    pages: NDArray[np.int64]
    clock: NDArray[np.int64]
    last: NDArray[np.int64]


class Page(NamedTuple):
    """What some of them saw and did. at: int[s], which visits. shown: int[s, page], of which the first
    slots[s] are really there. p: float[3, s, page], the truth. clicked, carted, bought: bool[s, page]."""

    at: NDArray[np.int64]
    look: Look
    shown: NDArray[np.int64]
    slots: NDArray[np.int64]
    p: Floats
    clicked: NDArray[np.bool_]
    carted: NDArray[np.bool_]
    bought: NDArray[np.bool_]


def arrivals(
    start_ms: int, busy: float, shoppers: Shoppers, trend: Floats, rng: np.random.Generator
) -> Visits:
    """The visits that begin in the hour from start_ms. busy: of the hour, 1 on average."""
    who = np.flatnonzero(rng.random(len(shoppers.habit)) < shoppers.habit * busy / 24)
    n = len(who)
    clock = start_ms + rng.integers(1_000, 3_600_000, size=n)  # a search comes a little before its page
    shoppers.drift(who, clock, rng)
    new = rng.random(n) > SAME_MISSION
    shoppers.mission[who] = np.where(new, shoppers.missions(who, trend, rng), shoppers.mission[who])
    mood = np.where(rng.random(n) < BUYERS, 0.8, -0.8)
    pages = np.minimum(rng.geometric(1 - GO_ON, n), PAGES_MOST)
    return Visits(who, shoppers.mission[who], mood, pages, clock, np.full(n, -1))


def page(
    number: int,
    visits: Visits,
    shop: tuple[Catalogue, Shoppers, Listing],
    trend: Floats,
    size: int,
    rng: np.random.Generator,
) -> Page | None:
    """Page `number` (from 0) of the visits that get so far; None when none does."""
    catalogue, shoppers, listing = shop
    at = np.flatnonzero(visits.pages > number)
    if not len(at):
        return None
    if number == 0:
        place = np.where(rng.random(len(at)) < HOME_FIRST, HOME, SEARCH)
    else:
        place = rng.choice(len(PLACES), len(at), p=PLACE_SHARES)
    look = Look(visits.who[at], visits.mission[at], visits.mood[at], place)
    subject = np.where((place == HOME) | (place == AD), -1, look.mission)
    similar = (place == SIMILAR) & (visits.last[at] >= 0)
    subject[similar] = catalogue.category[visits.last[at][similar]]
    shown = listing.page(look.who, subject, size, rng)
    p = truth(look, shown, catalogue, shoppers, trend)
    slots = np.where(place == AD, min(AD_ITEMS, size), size)
    p[:, np.arange(size) >= slots[:, None]] = 0
    draw = rng.random(p.shape)
    clicked = draw[0] < p[0]
    carted = clicked & (draw[1] * p[0] < p[1])
    return Page(at, look, shown, slots, p, clicked, carted, carted & (draw[2] * p[1] < p[2]))
