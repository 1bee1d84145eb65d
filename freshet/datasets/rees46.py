"""REES46's shops (cosmetics, electronics, multi-category): one CSV a month, in order of time, with a header."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from freshet.contract.events import Cart, Click, Item, Purchase
from freshet.datasets.record import Known, Line, Maker
from freshet.datasets.table import Table, number, one_of

EVENTS: Known = {
    "view": ("clicks", Click),
    "cart": ("carts", Cart),
    "remove_from_cart": ("carts", Cart),
    "purchase": ("purchases", Purchase),
}


@lru_cache(maxsize=8)  # neighbouring lines share their second
def millis(text: str) -> int:
    """Of a time such as "2019-10-01 00:00:00 UTC".

    >>> millis("2019-10-01 00:00:00 UTC")
    1569888000000
    """
    return int(datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC).timestamp()) * 1000


def parse(maker: Maker, line: int, row: Sequence[str]) -> Line:
    time, kind, item, category_id, category, brand, price_text, user, session = row
    topic, schema = one_of("event_type", kind, EVENTS)
    price = max(number("price", price_text), 0.0) if price_text else None  # refunds are negative
    fields: dict[str, Any] = {} if schema is Click else {"price": price}
    if kind == "remove_from_cart":
        fields["action"] = "remove"
    event = maker.event(
        schema, line, user_id=user, item_id=item, ts=millis(time), session_id=session or None, **fields
    )
    path = category.replace(".", "/") or category_id
    return Line(topic, event, Item(item_id=item, category=path, brand=brand or None, price=price))


TABLE = Table(
    ",",
    (
        "event_time",
        "event_type",
        "product_id",
        "category_id",
        "category_code",
        "brand",
        "price",
        "user_id",
        "user_session",
    ),
    parse,
    frozenset({"category_id", "category_code", "brand", "price", "user_session"}),
)
