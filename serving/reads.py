"""Reads of single keys: what is asked for at once travels in one MGET, and the last answers outlive Redis.

One redis-py call takes about 100 µs of processor time, as much as the whole rest of a lookup; a call for thirty
keys takes hardly more. While READS_FLYING calls are under way new questions gather for the next one.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

AWAY = (RedisError, OSError, asyncio.TimeoutError)
"""What Redis raises when it is away, hung, loading its file or turned into a replica."""

READS_FLYING = 2  # one waits for Redis while the next one's keys gather; more only made the reads smaller
KEYS_A_READ = 256
PAUSE_S = 0.2  # after a failure questions are answered from memory for so long before Redis is asked again


class RedisAway(Exception):
    """Redis does not answer, and nothing is remembered."""


class Value(NamedTuple):
    """data: None where the key is not there. stale: as it was when Redis last answered."""

    data: bytes | None
    stale: bool


class Reads:
    """get(key), with at most `most` answers remembered for when Redis is away."""

    def __init__(self, redis: Redis, *, most: int, on_failure: Callable[[], None] = lambda: None) -> None:
        self._redis, self._most, self._on_failure = redis, most, on_failure
        self._waiting: list[tuple[str, asyncio.Future[Value]]] = []
        self._remembered: OrderedDict[str, bytes | None] = OrderedDict()
        self._flights: set[asyncio.Task[None]] = set()
        self._paused_until = 0.0
        self._loop = asyncio.get_running_loop()

    def get(self, key: str) -> "asyncio.Future[Value]":
        """The value of a key now; RedisAway when Redis is away and the key was not read lately."""
        answer: asyncio.Future[Value] = self._loop.create_future()
        if not self._waiting and len(self._flights) < READS_FLYING:
            self._loop.call_soon(self._fly)
        self._waiting.append((key, answer))
        return answer

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values of many keys in one read of their own, not remembered; RedisAway when Redis is away."""
        if not keys:
            return []
        if time.monotonic() < self._paused_until:
            raise RedisAway(keys[0])
        try:
            return cast("list[bytes | None]", await self._redis.mget(keys))
        except AWAY:
            self._fail()
            raise RedisAway(keys[0]) from None

    def _fail(self) -> None:
        self._paused_until = time.monotonic() + PAUSE_S
        self._on_failure()

    def _fly(self) -> None:
        if self._waiting and len(self._flights) < READS_FLYING:
            asked, self._waiting = self._waiting[:KEYS_A_READ], self._waiting[KEYS_A_READ:]
            flight = self._loop.create_task(self._read(asked))
            self._flights.add(flight)
            flight.add_done_callback(self._land)

    def _land(self, flight: "asyncio.Task[None]") -> None:
        self._flights.discard(flight)
        self._fly()

    async def _read(self, asked: list[tuple[str, "asyncio.Future[Value]"]]) -> None:
        if time.monotonic() < self._paused_until:
            return self._recall(asked)
        try:
            found = cast("list[bytes | None]", await self._redis.mget([key for key, _ in asked]))
        except AWAY:
            self._fail()
            return self._recall(asked)
        remembered = self._remembered
        for (key, answer), data in zip(asked, found, strict=True):
            remembered[key] = data
            remembered.move_to_end(key)
            if not answer.done():  # its caller may be gone
                answer.set_result(Value(data, False))
        while len(remembered) > self._most:
            remembered.popitem(last=False)

    def _recall(self, asked: list[tuple[str, "asyncio.Future[Value]"]]) -> None:
        for key, answer in asked:
            if answer.done():
                continue
            if key in self._remembered:
                answer.set_result(Value(self._remembered[key], True))
            else:
                answer.set_exception(RedisAway(key))
