"""What a worker may keep in memory from one turn to the next."""

import asyncio

import pytest
from redis.asyncio import Redis

from freshet.contract.keys import Keys
from freshet.contract.partitioner import partition_of
from freshet.contract.torn import Salvage
from online_model.recommender import Recommender
from stream import turns as turns_module
from stream.profiles import Profiles
from stream.turns import Turns
from stream.watermarks import Watermarks

KEYS = Keys("kept", partitions=4, item_partitions=1)


def test_what_another_worker_wrote_is_told_from_what_is_as_we_left_it(redis_url: str) -> None:
    ours, others, given_away, quiet = (KEYS.watermark("clicks", p) for p in range(4))

    async def work() -> None:
        async with Redis.from_url(redis_url) as redis:
            one, other = Watermarks(redis), Watermarks(redis)
            assert await one.take([ours, others, given_away]) == (
                dict.fromkeys((ours, others, given_away)),
                set(),
            )
            await one.write({ours: b"1", others: b"1", given_away: b"1"}, [])
            await other.take([others, given_away])
            await other.write({others: b"2"}, [])

            assert (await one.take([ours, others]))[1] == {ours}
            assert (await one.take([ours, others, given_away, quiet]))[1] == {ours, others}
            one.forget()
            assert (await one.take([ours, quiet]))[1] == set()

    asyncio.run(work())


def test_a_turn_is_whole_only_when_all_of_its_work_was_done_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns_module, "GRACE_S", 0.05)

    async def fails() -> None:
        raise ValueError("half done")

    async def after(seconds: float) -> bool:
        turns = Turns()
        turns.begin()
        working = asyncio.create_task(turns.work(turns.number, lambda: asyncio.sleep(seconds)))
        await asyncio.sleep(0)
        await turns.end()
        assert await working == turns.whole
        return turns.whole

    async def work() -> None:
        turns = Turns()
        assert not turns.whole
        turns.begin()
        assert turns.whole
        with pytest.raises(ValueError, match="half done"):
            await turns.work(turns.number, fails)
        await turns.end()
        assert not turns.whole
        turns.begin()
        assert turns.whole
        assert await after(0)
        assert not await after(5)

    asyncio.run(work())


def test_profiles_of_other_partitions_are_forgotten(redis_url: str) -> None:
    users = [f"user-{n}" for n in range(20)]

    async def work() -> None:
        async with Redis.from_url(redis_url) as redis:
            profiles = Profiles(redis, KEYS, Recommender(), 100, Salvage(lambda _: None))
            await profiles.bring(users)
            before = {user: profiles[user] for user in users}
            profiles.keep({1, 3}, 4)
            kept = [user for user in users if partition_of(user, 4) in (1, 3)]
            assert len(profiles) == len(kept)
            assert all(profiles[user] is before[user] for user in kept)

    asyncio.run(work())
