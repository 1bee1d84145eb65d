"""Bytes from Redis. redis-py types every answer as bytes or str; our connections never decode, so it is bytes."""

from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio import Redis


async def get(redis: Redis, key: str) -> bytes | None:
    return cast("bytes | None", await redis.get(key))


async def get_many(redis: Redis, keys: Sequence[str]) -> list[bytes | None]:
    """In the order of the keys; no question is asked for none."""
    return cast("list[bytes | None]", await redis.mget(keys)) if keys else []


async def get_field(redis: Redis, key: str, field: str) -> bytes | None:
    """One field of a hash."""
    answer: Any = redis.hget(key, field)
    return cast("bytes | None", await answer)


async def get_members(redis: Redis, key: str) -> set[bytes]:
    """All members of a set."""
    answer: Any = redis.smembers(key)
    return cast("set[bytes]", await answer)


async def get_fields(redis: Redis, key: str) -> dict[bytes, bytes]:
    """All fields of a hash."""
    answer: Any = redis.hgetall(key)
    return cast("dict[bytes, bytes]", await answer)
