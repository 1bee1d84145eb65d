"""A click farm in the simulated shop: accounts of one hand that push one item."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import count
from typing import Any

import msgspec

from freshet.contract.events import Click
from freshet.datasets.record import Record

DAY_MS = 86_400_000
STAGGER_MS = 7_000  # from one account's first click of a day to the next account's


class Farm(msgspec.Struct, frozen=True, kw_only=True):
    """Each account clicks on `target` so often a day, evenly within `within_ms` from the day's beginning on, and after
    each such click on one of `beside`, in turn: popular items, to look like a shopper and to be found beside them.
    """

    target: str
    accounts: int
    clicks_a_day: int
    begin_ms: int
    within_ms: int = DAY_MS
    beside: tuple[str, ...] = ()

    def clicks(self) -> Iterator[Record]:
        """Without an end, in order of time."""
        return merge(*map(self._of, range(self.accounts)), key=lambda record: record.event.ts)

    def _of(self, account: int) -> Iterator[Record]:
        user, day_ms = f"farm{account:04d}", self.begin_ms + STAGGER_MS * account
        for n in count():
            day, of_day = divmod(n, self.clicks_a_day)
            ts = day_ms + day * DAY_MS + of_day * self.within_ms // self.clicks_a_day
            items = [self.target]
            if self.beside:
                items.append(self.beside[n % len(self.beside)])
            for place, item in enumerate(items):
                fields: dict[str, Any] = {
                    "event_id": f"{user}:{n}.{place}",
                    "ts": ts + place,
                    "user_id": user,
                }
                yield Record("clicks", Click(**fields, item_id=item))


def among(records: Iterable[Record], farm: Farm) -> Iterator[Record]:
    """The farm's clicks among a shop's records, as time goes on."""
    clicks = farm.clicks()
    waiting = next(clicks)
    for record in records:
        while record.topic != "items" and waiting.event.ts <= record.event.ts:
            yield waiting
            waiting = next(clicks)
        yield record
