"""Reads of keys, whose last answers outlive Redis."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisClusterException, RedisError

from freshet.contract import blobs
from freshet.contract.torn import Salvage
from serving.refill import RECENT_S, Refill

AWAY = (RedisError, RedisClusterException, OSError, asyncio.TimeoutError)
"""What Redis being away, hung, loading its file or turned into a replica looks like."""

PAUSE_S = 0.2  # after a failure questions are answered from memory for so long before Redis is asked again


class RedisAway(Exception):
    """Redis does not answer, and nothing is remembered."""


class Value(NamedTuple):
    """data: None where the key is not there. stale: as it was when Redis last answered."""

    data: bytes | None
    stale: bool


class Reads:
    """fetch: reads one key. most: answers remembered for when Redis is away or lost data; those longest unused go
    first.

    salvage: for what cannot be read though it is there.
    """

    def __init__(
        self,
        redis: Redis,
        fetch: Callable[[str], Awaitable[bytes | None]],
        *,
        most: int,
        salvage: Salvage,
        refill: Refill | None = None,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        self._redis, self._fetch, self._most, self._on_failure = redis, fetch, most, on_failure
        self.salvage, self._refill = salvage, refill
        self._remembered: OrderedDict[str, bytes | None] = OrderedDict()
        self._paused_until = 0.0
        self._doubted = False  # Redis failed: what it says now may be older

    async def get(self, key: str) -> Value:
        """The value of a key now; RedisAway when Redis is away and the key was not read lately."""
        now, refill, remembered = time.monotonic(), self._refill, self._remembered
        if now < self._paused_until:
            return self._recall(key)
        try:
            data = await self._fetch(key)
            if refill is not None:
                if data is None:  # if it was there, it may be lost
                    await refill.look(now if remembered.get(key) is not None else now - RECENT_S)
                elif self._doubted or now >= refill.overdue:
                    await refill.look(now)
                elif now >= refill.due:
                    refill.look_beside()
                self._doubted = False
                if refill.going_on:
                    known = remembered.get(key)
                    return Value(data if known is None else known, True)
        except AWAY:
            self._fail()
            return self._recall(key)
        remembered[key] = data
        remembered.move_to_end(key)
        if len(remembered) > self._most:
            remembered.popitem(last=False)
        return Value(data, False)

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values of many keys in one read of their own, not remembered; RedisAway when Redis is away."""
        if time.monotonic() < self._paused_until:
            raise RedisAway(f"{len(keys)} keys")
        try:
            return await blobs.get_many(self._redis, keys)
        except AWAY:
            self._fail()
            raise RedisAway(f"{len(keys)} keys") from None

    def forget(self, keys: Sequence[str]) -> None:
        """Do not answer with these from memory any more."""
        for key in keys:
            self._remembered.pop(key, None)

    def _recall(self, key: str) -> Value:
        if key not in self._remembered:
            raise RedisAway(key)
        return Value(self._remembered[key], True)

    def _fail(self) -> None:
        self._doubted = True
        self._paused_until = time.monotonic() + PAUSE_S
        self._on_failure()
