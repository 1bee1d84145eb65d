"""The simulated shop: hour after hour of visits, launches and trends, as a stream in order of time."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from freshet.datasets.record import Record
from freshet.simulator.catalogue import Catalogue
from freshet.simulator.listing import Listing
from freshet.simulator.moments import Moments
from freshet.simulator.restocking import HOUR_MS, Restocking
from freshet.simulator.settings import ShopSettings
from freshet.simulator.shoppers import Shoppers
from freshet.simulator.telling import Telling
from freshet.simulator.trends import Trends
from freshet.simulator.visits import PAGES_MOST, arrivals, page

Oracle = Callable[[str, NDArray[np.float32]], None]
"""Told of each impression just before it is yielded: its event_id, and float32[3, shown]: the true probabilities
that each shown item is clicked, put in the cart and bought."""


def simulate(settings: ShopSettings, events: int, oracle: Oracle | None = None) -> Iterator[Record]:
    """The first `events` user events of the shop's life, with the catalogue messages among them.

    Deterministic: the same settings give the same records. An item's message comes before its first event.
    """
    rng = np.random.default_rng(settings.seed)
    catalogue = Catalogue(settings, rng)
    shoppers = Shoppers(settings, catalogue, rng)
    shop = catalogue, shoppers, Listing(catalogue, shoppers)
    moments = Moments(f"sim{settings.seed}")
    telling = Telling(shop, moments, rng)
    restocking = Restocking(catalogue, moments, rng, kept=2 * settings.page)
    trends = Trends(len(catalogue.paths), settings.trend_hours, rng)
    restocking.announce(0, settings.start_ms)
    now_ms, sent = settings.start_ms, 0
    while True:
        restocking.hour(now_ms)
        trends.pass_time(1.0, rng)
        shop[2].pass_time(now_ms, 1.0)
        visits = arrivals(now_ms, busy(now_ms), shoppers, trends.value, rng)
        for number in range(PAGES_MOST):
            seen = page(number, visits, shop, trends.value, settings.page, rng)
            if seen is not None:
                telling.page(visits, seen)
        telling.leave(visits)
        now_ms += HOUR_MS
        for moment in moments.until(now_ms):
            is_event = moment.record.topic != "items"
            if is_event and sent == events:
                return
            if moment.truth is not None and oracle is not None:
                oracle(moment.record.event.event_id, moment.truth)
            sent += is_event
            yield moment.record


def busy(ms: int) -> float:
    """How many come in this hour of the day, 1 on average: quiet at 4, full at 16 UTC.

    >>> [round(busy(hour * HOUR_MS), 2) for hour in (4, 10, 16)]
    [0.2, 1.0, 1.8]
    """
    return 1 - 0.8 * math.cos((ms / HOUR_MS % 24 - 4) / 24 * 2 * math.pi)
