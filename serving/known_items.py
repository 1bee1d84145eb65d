"""A recommender's items, as fresh as Redis was a moment ago, as far as one scoring needs them."""

import asyncio
import time
from collections.abc import Iterable
from functools import partial

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
        # of rows taken in whole, and of mere numbers: item → hash of what was read; until when it is fresh enough
        self._seen: dict[bool, dict[str, int]] = {True: {}, False: {}}
        self._until: dict[bool, dict[str, float]] = {True: {}, False: {}}

    async def bring(self, items: Iterable[str], *, whole: bool) -> None:
        """whole: with their neighbours, at most NEAR_S old; else their own numbers, at most FAR_S old."""
        now, until = time.monotonic(), self._until[whole]
        due = [item for item in dict.fromkeys(items) if until.get(item, 0.0) <= now]
        found = await self._reads.get_many(
            [key(item) for key in (self._keys.row, self._keys.description) for item in due]
        )
        for place, item in enumerate(due):
            if place % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            self._take(item, found[place], found[place + len(due)], whole)
            until[item] = now + (NEAR_S if whole else FAR_S)
            if whole:
                self._until[False][item] = now + FAR_S

    def _take(self, item: str, row: bytes | None, description: bytes | None, whole: bool) -> None:
        seen = hash((row, description))
        if self._seen[whole].get(item) == seen:
            return
        self._seen[False][item] = seen
        read = self._reads.salvage.read
        if description is not None:
            told = read("description", "an item", partial(_item.decode, description))
            if told is not None:
                self._table.describe_from(to_description(told))
        if whole:
            self._seen[True][item] = seen
        if row is not None and whole:
            read("row", "an item", partial(self._table.load_row, item, row))
        elif row is not None:
            read("row", "an item", partial(self._take_numbers, self._table.add(item), row))

    def _take_numbers(self, place: int, data: bytes) -> None:
        """A row without its neighbours: their names would fill the table with items nobody asked about."""
        row, stats = unpack_row(data), self._table.stats[place]
        for name in _NUMBERS:
            stats[name] = row.stats[name]
        self._table.heat[:, place] = row.heat
