"""What Redis holds of an item, brought into memory once, before its first use."""

import asyncio
from collections.abc import Iterable
from functools import partial

import msgspec
from redis.asyncio import Redis

from freshet.actions import to_description
from freshet.contract import blobs
from freshet.contract.events import Item
from freshet.contract.keys import Keys
from freshet.contract.torn import Salvage
from online_model.item_table import ItemTable

_item = msgspec.json.Decoder(Item)


class KnownItems:
    """Fills an ItemTable from Redis.

    An item that a user touched brings its row (counts and neighbours) and its description; an item that is merely
    somebody's neighbour brings its description, which the category features need. One read for all of them.
    """

    def __init__(self, redis: Redis, keys: Keys, table: ItemTable, salvage: Salvage) -> None:
        self._redis, self._keys, self._table, self._salvage = redis, keys, table, salvage
        self._rows: set[int] = set()
        self._described = 0  # every name in the vocabulary below this has had its description asked for
        self._generation = table.generation
        self._lock = (
            asyncio.Lock()
        )  # two readers of one item: the later would put back what the first has moved on

    def forget_rows(self) -> None:
        """Each is read again before its next use: their owner has moved them on."""
        self._rows.clear()

    async def bring(self, items: Iterable[str]) -> None:
        """Read what is not in memory yet of these items; nothing to read costs nothing."""
        vocabulary = self._table.vocabulary
        if self._generation != self._table.generation:  # places have changed: all is to be asked for again
            self._rows, self._described, self._generation = set(), 0, self._table.generation
        places = {vocabulary.add(item) for item in items} - self._rows
        self._table.fit()
        if not places and self._described >= len(vocabulary):
            return
        async with self._lock:
            rows = sorted(places - self._rows)
            new = range(self._described, len(vocabulary))
            names = [vocabulary.names[place] for place in rows]
            described = [vocabulary.names[place] for place in new]
            wanted = [self._keys.row(name) for name in names] + [
                self._keys.description(name) for name in described
            ]
            found = await blobs.get_many(self._redis, wanted)
            for name, data in zip(names, found[: len(names)], strict=True):
                if data is not None:
                    self._salvage.read("row", name, partial(self._table.load_row, name, data))
            for name, data in zip(described, found[len(names) :], strict=True):
                if data is not None and (
                    item := self._salvage.read("description", name, partial(_item.decode, data))
                ):
                    self._table.describe_from(to_description(item))
            self._rows.update(rows)
            self._described = max(self._described, new.stop)
