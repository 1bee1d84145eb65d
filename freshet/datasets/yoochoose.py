"""YOOCHOOSE (RecSys Challenge 2015): the original clicks and buys files, and the tab-separated form papers use.

A user is a session. The form is known by the first line: tabs, or five columns (buys) against four (clicks).
"""

from collections.abc import Sequence
from datetime import datetime

from freshet.contract.events import Click, Item, Purchase
from freshet.datasets.record import Line, Maker
from freshet.datasets.table import Table, number


def millis(text: str) -> int:
    """Of a time such as "2014-04-07T10:51:09.277Z".

    >>> millis("2014-04-07T10:51:09.277Z")
    1396867869277
    """
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def parse_tabs(maker: Maker, line: int, row: Sequence[str]) -> Line:
    session, item, seconds = row
    ts = round(number("time", seconds) * 1000)
    return Line("clicks", maker.event(Click, line, user_id=session, item_id=item, ts=ts, session_id=session))


def parse_click(maker: Maker, line: int, row: Sequence[str]) -> Line:
    session, time, item, category = row
    event = maker.event(Click, line, user_id=session, item_id=item, ts=millis(time), session_id=session)
    known = category not in ("", "0")  # "S" is an offer, a long number a brand's page, as the data set says
    return Line("clicks", event, Item(item_id=item, category=category) if known else None)


def parse_buy(maker: Maker, line: int, row: Sequence[str]) -> Line:
    session, time, item, price_text, quantity_text = row
    price = number("price", price_text) if price_text else 0.0  # 0: not known
    event = maker.event(
        Purchase,
        f"{line}.buy",  # clicks and buys are two files of one shop
        user_id=session,
        item_id=item,
        ts=millis(time),
        session_id=session,
        price=price or None,
        quantity=max(number("quantity", quantity_text), 1.0) if quantity_text else 1.0,
    )
    return Line("purchases", event)


TABS = Table("\t", ("sessionid", "itemid", "time"), parse_tabs)
CLICKS = Table(",", ("session_id", "timestamp", "item_id", "category"), parse_click, frozenset({"category"}))
BUYS = Table(
    ",",
    ("session_id", "timestamp", "item_id", "price", "quantity"),
    parse_buy,
    frozenset({"price", "quantity"}),
)


def choose(first: str) -> Table:
    if "\t" in first:
        return TABS
    return BUYS if first.count(",") == 4 else CLICKS
