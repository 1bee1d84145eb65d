"""MovieLens: ratings.dat (user::item::rating::seconds), u.data and RecBole's .inter (tabs), ratings.csv (commas)."""

from collections.abc import Sequence

from freshet.contract.events import Rating
from freshet.datasets.record import Line, Maker
from freshet.datasets.table import Table, number

COLUMNS = ("user_id", "item_id", "rating", "timestamp")


def parse(maker: Maker, line: int, row: Sequence[str]) -> Line:
    user, item, rating, seconds = row
    ts = int(number("timestamp", seconds)) * 1000
    event = maker.event(Rating, line, user_id=user, item_id=item, rating=number("rating", rating), ts=ts)
    return Line("ratings", event)


def choose(first: str) -> Table:
    separator = next((mark for mark in ("::", "\t") if mark in first), ",")
    return Table(separator, COLUMNS, parse)
