"""What trends, over all or inside a category: the parts that each item partition keeps, merged."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec
from redis.asyncio import Redis

from freshet.contract.keys import Keys
from freshet.contract.torn import Salvage
from serving.kept import Held, Kept
from serving.refill import Refill

OVERALL = ""
EVERYWHERE = "\0"  # no category can have this name
KEEP_S = 1.0  # the worker writes them once a second
NAMES_KEEP_S = 10.0  # which categories there are; a shop may have 10,000, and they hardly change
MOST_CATEGORIES = 1_000
MOST_ITEMS = 200  # as many as a caller can ask for

_part = msgspec.msgpack.Decoder(list[tuple[str, float]])


class Top(NamedTuple):
    """Hottest first: (item, heat relative to the hottest: 1 for the first, .5 for one half as hot)."""

    items: list[tuple[str, float]]
    read_ms: int


class Trending:
    """get(category) → the items hottest in the category and those below it ("a/b" holds "a/b/c"); "" is over all,
    EVERYWHERE the hottest of each category together: many more items than over all.
    """

    def __init__(
        self, redis: Redis, keys: Keys, partitions: int, salvage: Salvage, refill: Refill | None = None
    ) -> None:
        self._redis, self._salvage = redis, salvage
        self._tops = [keys.tops(partition) for partition in range(partitions)]
        self._lists = Kept(self._read, keep_s=KEEP_S, most=MOST_CATEGORIES, refill=refill)
        self._names = Kept(self._read_names, keep_s=NAMES_KEEP_S, most=1, refill=refill)

    async def get(self, category: str = OVERALL) -> Held[Top]:
        return await self._lists.get(category)

    async def _read(self, category: str) -> Top:
        fields = [OVERALL]
        if category == EVERYWHERE:
            fields = [name for name in (await self._names.get()).value if name] or fields
        elif category:
            names = (await self._names.get()).value
            fields = [name for name in names if within(name, category)]
        found = await self._ask("hmget", fields) if fields else []
        read = [
            self._salvage.read("trends", "one partition", partial(_part.decode, part))
            for parts in found
            for part in parts
            if part is not None
        ]
        return merge([part for part in read if part], int(time.time() * 1000))

    async def _read_names(self, _: str) -> list[str]:
        found = await self._ask("hkeys")
        return sorted({name.decode(errors="replace") for names in found for name in names})

    async def _ask(self, command: str, *arguments: Any) -> list[Any]:
        """One command on each partition's hash, together."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in self._tops:
            getattr(pipeline, command)(key, *arguments)
        return list(await pipeline.execute())


def within(category: str, path: str) -> bool:
    """Whether a category path lies at or below another.

    >>> within("a/b/c", "a/b"), within("a/b", "a/b"), within("a/bc", "a/b")
    (True, True, False)
    """
    return category == path or category.startswith(path + "/")


def merge(parts: Sequence[Sequence[tuple[str, float]]], read_ms: int) -> Top:
    """One list of several. Heat is a logarithm to base 2, as of one time for all (online_model.decay).

    >>> merge([[("a", 10.0), ("b", 9.0)], [("c", 8.0)]], 0).items
    [('a', 1.0), ('b', 0.5), ('c', 0.25)]
    """
    heats: dict[str, float] = {}
    for part in parts:
        for item, heat in part:
            heats[item] = max(heat, heats.get(item, heat))
    best = sorted(heats.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_ITEMS]
    return Top([(item, round(2.0 ** (heat - best[0][1]), 6)) for item, heat in best], read_ms)
