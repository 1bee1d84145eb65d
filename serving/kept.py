"""Answers that many lookups share and that change slowly: read once in a while, by one reader at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

from serving.reads import AWAY, PAUSE_S, RedisAway
from serving.refill import Refill

T = TypeVar("T")


class Held(NamedTuple, Generic[T]):
    """until: the moment of the monotonic clock from which it is read again. stale: Redis was away then."""

    value: T
    until: float
    stale: bool


class Kept(Generic[T]):
    """get(key): what `read(key)` gave at most keep_s ago; at most `most` keys are held.

    While Redis is away, or is being filled again, it is what was read last, marked stale; RedisAway where there is
    nothing.
    """

    def __init__(
        self, read: Callable[[str], Awaitable[T]], *, keep_s: float, most: int, refill: Refill | None = None
    ) -> None:
        self._read, self._keep_s, self._most, self._refill = read, keep_s, most, refill
        self._held: dict[str, Held[T]] = {}
        self._reading: dict[str, asyncio.Task[Held[T]]] = {}

    async def get(self, key: str = "") -> Held[T]:
        held = self._held.get(key)
        if held is not None and time.monotonic() < held.until:
            return held
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.get_running_loop().create_task(self._renew(key))
            reading.add_done_callback(lambda _: self._reading.pop(key))
        return await asyncio.shield(reading)

    async def _renew(self, key: str) -> Held[T]:
        began = time.monotonic()
        try:
            value, stale = await self._read(key), False
            if self._refill is not None and await self._refill.look(since=began):
                raise RedisAway(key)
        except (*AWAY, RedisAway):
            if key not in self._held:
                raise RedisAway(key) from None
            value, stale = self._held[key].value, True
        if len(self._held) >= self._most and key not in self._held:
            self._held.clear()  # rare: more categories than `most` were asked for; they are read again
        held = self._held[key] = Held(value, time.monotonic() + (PAUSE_S if stale else self._keep_s), stale)
        return held
