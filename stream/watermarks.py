"""The watermarks in Redis as this process left them: what is written moves on from there, or not at all.

A watermark that is not as we left it says one of two things: another worker owns the partition now (we were paused
for longer than our session), or Redis has lost data. Either way what is in memory is worth nothing any more.
docs/decisions/0008-one-owner.md says what follows from this.
"""

from collections.abc import Iterable, Mapping

from redis.asyncio import Redis

from freshet.contract import blobs
from freshet.security.clusters import Cluster
from stream.commands import Command, Step, by_tag, set_many
from stream.together import together

Place = tuple[str, int]  # a topic, without prefix, and a partition: each has a watermark


class Moved(Exception):
    """A watermark is not as this process left it. Its text names the key, and what was there."""


class Watermarks:
    """Of the partitions that this process owns. `take` what is stored at the beginning of a turn, then only `write`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._left: dict[str, bytes | None] = {}
        self._under_way: dict[str, bytes] = {}

    def forget(self) -> None:
        """Own nothing."""
        self._left.clear()

    async def take(self, keys: Iterable[str]) -> tuple[dict[str, bytes | None], set[str]]:
        """Own these and no others: what is stored, and those that are still as we left them, so that nobody else has
        written what they stand for. Whatever the others stand for is to be read after this, never before.
        """
        names = list(keys)
        found = dict(zip(names, await blobs.get_many(self._redis, names), strict=True))
        unmoved = {key for key, value in found.items() if key in self._left and self._left[key] == value}
        self._left = found
        return dict(found), unmoved

    async def check(self) -> None:
        """Moved when one is not as it was left; for a shop in which nothing is written."""
        left = dict(self._left)
        for key, found in zip(left, await blobs.get_many(self._redis, list(left)), strict=True):
            if key in self._left and found not in (left[key], self._left[key], self._under_way.get(key)):
                raise Moved(_said(key, left[key], found))

    async def write(
        self, moved: Mapping[str, bytes], commands: Iterable[Command], beside: Iterable[str] = ()
    ) -> None:
        """The watermarks, and what they stand for, which `commands` write: all or nothing. On a cluster that holds for
        each tag by itself.

        beside: watermarks that must be as we left them too, since what is written reflects them as well.
        May be tried again after an error: that an attempt passed whose answer was lost is seen. Raises Moved.
        """
        watched = dict.fromkeys([*moved, *(key for key in beside if key in self._left)])
        whole = Step(list(watched), dict(moved), list(commands))
        if not isinstance(self._redis, Cluster):
            await self._take(whole, self._redis)
            return
        await together(*(self._take_on_cluster(step, self._redis) for step in by_tag(whole)))

    async def _take_on_cluster(self, step: Step, cluster: Cluster) -> None:
        async with cluster.server_of(step.watched[0]) as server:
            await self._take(step, server)

    async def _take(self, step: Step, server: Redis) -> None:
        watched, moved, commands = step
        async with server.pipeline(transaction=True) as pipeline:
            await pipeline.watch(*watched)
            for key, found in zip(watched, await blobs.get_many(pipeline, watched), strict=True):
                if found not in (self._left.get(key), moved.get(key, self._left.get(key))):
                    raise Moved(_said(key, self._left.get(key), found))
            pipeline.multi()  # type: ignore[no-untyped-call]
            for command in (*commands, *set_many(moved)):
                pipeline.execute_command(*command)
            self._under_way.update(moved)
            await pipeline.execute()
        self._left.update(moved)


def _said(key: str, left: bytes | None, found: bytes | None) -> str:
    return f"{key} was left as {_short(left)} and is {_short(found)}"


def _short(value: bytes | None) -> str:
    return "nothing" if value is None else repr(value[:40])
