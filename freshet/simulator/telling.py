"""From what visitors saw and did to the events that a shop would log."""

from typing import Any

import numpy as np

from freshet.contract.events import Cart, Click, Feedback, Impression, Purchase, Search
from freshet.simulator.afterwards import Afterwards
from freshet.simulator.catalogue import Catalogue
from freshet.simulator.choices import PLACES
from freshet.simulator.listing import NAME, Listing
from freshet.simulator.moments import Moments
from freshet.simulator.shoppers import Shoppers
from freshet.simulator.visits import SEARCH, Page, Visits

HIDES = 0.01  # of pages: the item least likely to be clicked is asked away
PLACE_NAMES = list(PLACES)
Bought = tuple[int, dict[str, Any]]  # an item, and the fields of its impression


class Telling:
    """`page` for each page in order, then `leave`. What happens goes into `moments`, and into what is known:
    popularity and recent items. A click, a cart and a purchase carry the request_id of their impression.
    """

    def __init__(
        self, shop: tuple[Catalogue, Shoppers, Listing], moments: Moments, rng: np.random.Generator
    ) -> None:
        self._catalogue, self._shoppers, self._listing = shop
        self._moments, self._rng = moments, rng
        self._afterwards = Afterwards(self._catalogue, self._shoppers, moments, rng)
        self._visits = 0
        self._baskets: dict[int, list[Bought]] = {}  # by visit

    def page(self, visits: Visits, page: Page) -> None:
        """Tell one page of each visit; moves their clocks and last clicks on."""
        waits = self._rng.exponential(9_000, page.shown.shape).astype(np.int64) + 1_500  # ms until each click
        hides = self._rng.random(len(page.at)) < HIDES
        for n, visit in enumerate(page.at.tolist()):
            fields = self._shown(int(visits.clock[visit]), page, n, f"s{self._visits + visit}")
            ts = int(visits.clock[visit])
            for place in np.flatnonzero(page.clicked[n]).tolist():
                item = int(page.shown[n, place])
                ts += int(waits[n, place])
                self._clicked(item, ts, int(page.look.who[n]), {**fields, "position": place})
                visits.last[visit] = item
                if page.carted[n, place]:
                    self._carted(item, ts, fields)
                if page.bought[n, place]:
                    self._baskets.setdefault(visit, []).append((item, fields))
            if hides[n]:
                worst = self._catalogue.ids[int(page.shown[n, page.p[0, n, : page.slots[n]].argmin()])]
                self._moments.event("feedback", Feedback, ts + 1_000, item_id=worst, action="hide", **fields)
            visits.clock[visit] = ts + int(waits[n, 0]) + 2_000

    def leave(self, visits: Visits) -> None:
        """What is in the baskets is bought now."""
        for visit, basket in self._baskets.items():
            ts, shopper = int(visits.clock[visit]) + 20_000, int(visits.who[visit])
            for item, fields in basket:
                price, order = self._catalogue.price(item), f"o{self._visits + visit}"
                bought = {**fields, "item_id": self._catalogue.ids[item], "price": price, "order_id": order}
                self._moments.event("purchases", Purchase, ts, **bought)
                self._afterwards.bought(shopper, item, ts)
        self._baskets.clear()
        self._visits += len(visits.who)

    def _shown(self, ts: int, page: Page, n: int, visit: str) -> dict[str, Any]:
        """The impression, after the search that led to it; the fields that follow-ups share with it."""
        place, count = int(page.look.place[n]), int(page.slots[n])
        fields: dict[str, Any] = {
            "user_id": self._shoppers.ids[page.look.who[n]],
            "session_id": visit,
            "request_id": f"{visit}.{ts}",
            "context": {"placement": PLACE_NAMES[place], "policy": NAME},
        }
        if place == SEARCH:
            query = self._catalogue.query(int(page.look.mission[n]), self._rng)
            self._moments.event("searches", Search, ts - 400, query=query, **fields)
        items = [self._catalogue.ids[i] for i in page.shown[n, :count].tolist()]
        truth = page.p[:, n, :count].astype(np.float32)
        self._moments.event("impressions", Impression, ts, truth=truth, items=items, **fields)
        return fields

    def _clicked(self, item: int, ts: int, shopper: int, fields: dict[str, Any]) -> None:
        dwell_ms = int(self._rng.lognormal(9.0, 0.8))  # 8 s is the median
        item_id = self._catalogue.ids[item]
        self._moments.event("clicks", Click, ts, item_id=item_id, dwell_ms=dwell_ms, **fields)
        self._shoppers.look_at(shopper, item)
        self._listing.popularity[item] += 1

    def _carted(self, item: int, ts: int, fields: dict[str, Any]) -> None:
        price, item_id = self._catalogue.price(item), self._catalogue.ids[item]
        self._moments.event("carts", Cart, ts + 1_000, item_id=item_id, price=price, **fields)
