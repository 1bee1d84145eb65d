"""A recommender's items, as fresh as Redis was a moment ago, as far as one scoring needs them."""

import asyncio
import time
from collections.abc import Iterable

import msgspec

from freshet.actions import to_description
from freshet.contract.events import Item
from freshet.contract.keys import Keys
from online_model.item_rows import COPIED, unpack_row
from online_model.item_table import ItemTable
from serving.reads import Reads

NEAR_S = 1.0  # rows of the shopper's own and the asked items: the worker writes them once a second
FAR_S = 30.0  # numbers of their neighbours, hundreds a scoring: they shift a share, slowly
BREATH = 64  # items taken in between two breaths of the event loop: about 5 ms

_NUMBERS = [name for name in COPIED if name not in ("row_ts", "neighbours")]
_item = msgspec.json.Decoder(Item)


class KnownItems:
    """Fills one ItemTable from Redis; what has not changed there costs a comparison."""

    def __init__(self, reads: Reads, keys: Keys, table: ItemTable) -> None:
        self._reads, self._keys, self._table = reads, keys, table
        self._seen: dict[
            str, tuple[int, bool]
        ] = {}  # item → hash of what was read, and whether its row is whole
        self._until: dict[str, float] = {}

    async def bring(self, items: Iterable[str], *, whole: bool) -> None:
        """whole: with their neighbours, at most NEAR_S old; else their own numbers, at most FAR_S old."""
        now = time.monotonic()
        due = [item for item in dict.fromkeys(items) if not self._fresh(item, whole, now)]
        found = await self._reads.get_many(
            [key(item) for key in (self._keys.row, self._keys.description) for item in due]
        )
        for place, item in enumerate(due):
            if place % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            self._take(item, found[place], found[place + len(due)], whole)
            self._until[item] = now + (NEAR_S if whole else FAR_S)

    def _fresh(self, item: str, whole: bool, now: float) -> bool:
        return self._until.get(item, 0.0) > now and (self._seen[item][1] or not whole)

    def _take(self, item: str, row: bytes | None, description: bytes | None, whole: bool) -> None:
        seen = (hash((row, description)), whole)
        if self._seen.get(item) in (seen, (seen[0], True)):
            return
        self._seen[item] = seen
        if description:
            self._table.describe_from(to_description(_item.decode(description)))
        if row and whole:
            self._table.load_row(item, row)
        elif row:
            self._take_numbers(self._table.add(item), row)

    def _take_numbers(self, place: int, data: bytes) -> None:
        """A row without its neighbours: their names would fill the table with items nobody asked about."""
        row, stats = unpack_row(data), self._table.stats[place]
        for name in _NUMBERS:
            stats[name] = row.stats[name]
        self._table.heat[:, place] = row.heat
