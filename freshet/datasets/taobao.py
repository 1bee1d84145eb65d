"""Taobao's UserBehavior: user,item,category,behavior,seconds, grouped by user; no header, one is tolerated."""

from collections.abc import Sequence

from freshet.contract.events import Cart, Click, Item, Purchase
from freshet.datasets.record import Known, Line, Maker
from freshet.datasets.table import Table, number, one_of

BEHAVIORS: Known = {
    "pv": ("clicks", Click),
    "cart": ("carts", Cart),
    "fav": ("carts", Cart),
    "buy": ("purchases", Purchase),
}
DAYS_MS = (1_511_539_200_000, 1_512_316_800_000)
"""25 November to 3 December 2017 in China, which the data set is said to cover; its few other dates are errors."""


def parse(maker: Maker, line: int, row: Sequence[str]) -> Line:
    user, item, category, behavior, seconds = row
    topic, schema = one_of("behavior", behavior, BEHAVIORS)
    ts = int(number("timestamp", seconds)) * 1000
    event = maker.event(schema, line, user_id=user, item_id=item, ts=ts)
    return Line(topic, event, Item(item_id=item, category=category))


TABLE = Table(",", ("user_id", "item_id", "category_id", "behavior", "timestamp"), parse)
