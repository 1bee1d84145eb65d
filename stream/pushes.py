"""Finds items that a few accounts push: the log names them, a metric counts them.

The cap (online_model/influence.py) holds such events back from all that is shared; here somebody is told of it.
"""

import logging
from collections import OrderedDict

import msgspec
from prometheus_client import Counter

from online_model.influence import CAPS, HASTY, LAVISH

log = logging.getLogger(__name__)

HOUR_MS = 3_600_000
ACCOUNTS = 3  # at least so many in an hour of event time: each of them beyond its share
OUTNUMBER = (
    2  # times the item's other events since; no item of the simulated shop or the Taobao sample is near
)
ITEMS_MOST = 1_000  # watched at once
ACCOUNTS_MOST = 1_000  # counted of one item
PUSHING = CAPS[LAVISH], CAPS[HASTY]


class Push(msgspec.Struct):
    """What came of one item in one hour since the first event beyond somebody's share. accounts: that sent these."""

    hour: int
    beyond: int = 0
    others: int = 0
    accounts: set[str] = msgspec.field(default_factory=set)
    told: bool = False


class Pushes:
    """`see` each event on an item. found: counts each pushed item once an hour."""

    def __init__(self, found: Counter) -> None:
        self._found = found
        self._items: OrderedDict[str, Push] = OrderedDict()

    def see(self, user: str, item: str, ts: int, capped: str) -> None:
        """capped: Observation.capped."""
        push, hour = self._items.get(item), ts // HOUR_MS
        if capped not in PUSHING:
            if push is not None and push.hour >= hour:
                push.others += 1
            return
        if push is None or push.hour < hour:
            push = self._items[item] = Push(hour)
            self._items.move_to_end(item)
            if len(self._items) > ITEMS_MOST:
                self._items.popitem(last=False)
        push.beyond += 1
        if len(push.accounts) < ACCOUNTS_MOST:
            push.accounts.add(user)
        if not push.told and len(push.accounts) >= ACCOUNTS and push.beyond >= OUTNUMBER * push.others:
            push.told = True
            self._found.inc()
            log.warning(
                "item %r is pushed: %d accounts beyond their share within an hour, %d such events beside %d others; "
                "they move nothing that is shared",
                item,
                len(push.accounts),
                push.beyond,
                push.others,
            )
