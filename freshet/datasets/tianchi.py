"""Tianchi's mobile recommendation: user_id,item_id,behavior_type(1–4),user_geohash,item_category,time(hour)."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from freshet.contract.events import Cart, Click, Item, Purchase
from freshet.datasets.record import Known, Line, Maker
from freshet.datasets.table import Table, one_of

BEHAVIORS: Known = {
    "1": ("clicks", Click),
    "2": ("carts", Cart),  # a favourite
    "3": ("carts", Cart),
    "4": ("purchases", Purchase),
}
CHINA = timezone(timedelta(hours=8))


@lru_cache(maxsize=1024)  # a month has 744 hours
def millis(text: str) -> int:
    """Of an hour in China, such as "2014-12-06 02".

    >>> millis("2014-12-06 02")
    1417802400000
    """
    return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp()) * 1000


def parse(maker: Maker, line: int, row: Sequence[str]) -> Line:
    user, item, behavior, _geohash, category, hour = row
    topic, schema = one_of("behavior_type", behavior, BEHAVIORS)
    event = maker.event(schema, line, user_id=user, item_id=item, ts=millis(hour))
    return Line(topic, event, Item(item_id=item, category=category))


TABLE = Table(
    ",",
    ("user_id", "item_id", "behavior_type", "user_geohash", "item_category", "time"),
    parse,
    frozenset({"user_geohash"}),
)
