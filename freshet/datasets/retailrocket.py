"""RetailRocket's events.csv: timestamp(ms),visitorid,event,itemid,transactionid, in no order, with a header."""

from collections.abc import Sequence

from freshet.contract.events import Cart, Click, Purchase
from freshet.datasets.record import Known, Line, Maker
from freshet.datasets.table import Table, number, one_of

EVENTS: Known = {
    "view": ("clicks", Click),
    "addtocart": ("carts", Cart),
    "transaction": ("purchases", Purchase),
}


def parse(maker: Maker, line: int, row: Sequence[str]) -> Line:
    timestamp, visitor, kind, item, transaction = row
    topic, schema = one_of("event", kind, EVENTS)
    order = {"order_id": transaction} if schema is Purchase and transaction else {}
    ts = int(number("timestamp", timestamp))
    return Line(topic, maker.event(schema, line, user_id=visitor, item_id=item, ts=ts, **order))


TABLE = Table(
    ",", ("timestamp", "visitorid", "event", "itemid", "transactionid"), parse, frozenset({"transactionid"})
)
