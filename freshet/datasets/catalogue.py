"""The catalogue that a data set's events imply: an `items` message just before an item's first event."""

from collections.abc import Iterable, Iterator

from freshet.contract.events import Item
from freshet.datasets.record import Line, Record


def with_items(lines: Iterable[Line]) -> Iterator[Record]:
    """The lines' events, each after its item's description where the item is new or has another price.

    Everything else stays as the first line said it: where a file puts an item in two categories, one is an error.
    """
    known: dict[str, Item] = {}
    for line in lines:
        item = line.item
        if item is not None:
            last = known.get(item.item_id)
            if last is None or last.price != item.price:
                known[item.item_id] = item
                yield Record("items", item)
        yield Record(line.topic, line.event, line.raw)
