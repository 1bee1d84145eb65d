"""Which lists are made with a batch, who is due, and that nobody writes beside a partition that has moved."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from freshet.contract.keys import Keys
from freshet.contract.torn import Salvage
from freshet.settings import Worker
from stream.due import Due
from stream.thinning import lists_to_catch_up
from stream.watermarks import Moved, Watermarks

KEYS = Keys("put-off", partitions=4, item_partitions=1)
LIMITS = Worker(batch_events=200, profiles_cached=1_000)


def on(url: str, work: Callable[[Redis], Awaitable[None]]) -> None:
    async def run() -> None:
        async with Redis.from_url(url) as redis:
            await work(redis)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("behind", "events", "touched", "due", "lists"),
    [
        pytest.param(True, 200, 200, 500, 25, id="behind: an eighth"),
        pytest.param(True, 200, 200, 900, 100, id="behind and nearly full: those that do not fit"),
        pytest.param(True, 200, 200, 5_000, 200, id="behind and over full after a takeover: a batch at most"),
        pytest.param(True, 3, 3, 500, 0, id="behind, hardly an event"),
        pytest.param(False, 40, 30, 500, 40, id="in time: as many as events"),
        pytest.param(False, 0, 0, 500, 200, id="quiet: a batch"),
    ],
)
def test_lists_made_beside_a_batch(behind: bool, events: int, touched: int, due: int, lists: int) -> None:
    assert lists_to_catch_up(behind, events, touched, due, LIMITS) == lists


def test_who_is_due_is_read_back_as_it_was_stored(redis_url: str) -> None:
    async def work(redis: Redis) -> None:
        due = Due(redis, KEYS, Salvage(lambda _: None))
        for user, partition in [("ann", 0), ("bob", 1), ("cem", 0), ("ann", 0)]:
            due.put_off(user, partition, sent_s=float(partition))
        assert due.oldest(2) == ["ann", "bob"]
        assert (due.settle("bob"), due.settle("bob"), due.settle("eve")) == (1.0, None, None)
        due.put_off("dan", 1, 2.0)
        async with redis.pipeline() as pipeline:
            for command in due.take_changes().commands():
                pipeline.execute_command(*command)
            await pipeline.execute()
        assert due.take_changes() == ({}, {})

        later = Due(redis, KEYS, Salvage(lambda _: None))
        await later.resume([0])
        assert sorted(later.oldest(9)) == ["ann", "cem"]
        await later.resume([1])
        assert later.oldest(9) == ["dan"]
        assert later.settle("dan") is None  # since when is not known

    on(redis_url, work)


def test_nothing_is_written_when_a_watermark_beside_has_moved(redis_url: str) -> None:
    """Another worker has applied a cart since; what this one writes would be without it."""
    clicks, carts, unowned = (KEYS.watermark(topic, 0) for topic in ("clicks", "carts", "ratings"))

    async def work(redis: Redis) -> None:
        marks = Watermarks(redis)
        await marks.take([clicks, carts])
        await marks.write({clicks: b"1"}, [("SET", "state", "first")], [carts, unowned])
        await marks.write({}, [("SET", "state", "second")], [clicks, carts])
        await redis.set(carts, b"1")
        for moved in ({clicks: b"2"}, {}):
            with pytest.raises(Moved, match="carts was left as nothing and is b'1'"):
                await marks.write(moved, [("SET", "state", "third")], [clicks, carts])
        assert await redis.mget("state", clicks) == [b"second", b"1"]

    on(redis_url, work)
