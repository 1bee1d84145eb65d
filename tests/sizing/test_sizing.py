"""What `freshet sizing` says that Redis will take is what a real one takes, and its table has every line."""

from typing import Any

import pytest
import redis

from freshet.cli import main
from freshet.contract.heads_state import pack_heads
from freshet.contract.keys import Keys
from freshet.contract.progress import Progress
from freshet.settings import Settings
from freshet.sizing import Asked, Line, lines
from freshet.sizing.full_shop import FullShop, description, name
from online_model.demand import ShopDemand

USERS, ITEMS, DIFFERENT = 400, 400, 12
WITHIN = 0.15


@pytest.fixture(scope="module")
def said() -> list[Line]:
    return lines(Asked(USERS, ITEMS, 100.0), Settings())


def total(said: list[Line], store: str) -> int:
    return sum(line.size for line in said if line.store == store)


def fill(client: redis.Redis, settings: Settings) -> None:
    """Other shoppers than those whose mean was taken; full ones, each stored for several users."""
    shop, keys, user_s, item_s = (
        FullShop(settings, seed=11),
        Keys.of(settings),
        settings.redis.user_ttl_s,
        settings.redis.item_ttl_s,
    )
    people = [shop.shopper(number) for number in range(DIFFERENT)]
    states = [(shop.profile(one), shop.published(one)) for one in people]
    for number in range(USERS):
        profile, published = states[number % DIFFERENT]
        client.set(keys.profile(name("user", number)), profile, ex=user_s)
        client.set(keys.published(name("user", number)), published, ex=user_s)
    for number in range(ITEMS):
        client.set(keys.row(name("item", number)), shop.row(number), ex=item_s)
        client.set(keys.description(name("item", number)), description(number))
    client.set(keys.heads("none"), pack_heads(shop.core.heads.dump(), Progress()))
    client.set(keys.demand(0), ShopDemand().dump())


def test_a_real_redis_takes_what_is_said(said: list[Line], redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        before = client.info("memory")["used_memory"]
        fill(client, Settings())
        took = client.info("memory")["used_memory"] - before
        by_key = sum(client.memory_usage(key, samples=0) or 0 for key in client.scan_iter(count=1_000))
    print(f"\nsaid {total(said, 'Redis'):,} B, Redis took {took:,} B, MEMORY USAGE of all keys {by_key:,} B")

    assert took == pytest.approx(total(said, "Redis"), rel=WITHIN)
    assert by_key == pytest.approx(total(said, "Redis"), rel=WITHIN)


def test_twice_the_users_items_and_events_take_twice_as_much(said: list[Line]) -> None:
    twice = lines(Asked(2 * USERS, 2 * ITEMS, 200.0), Settings())
    fixed = {"heads and demand", "to begin with"}

    assert [line.size for line in twice if line.what not in fixed] == [
        pytest.approx(2 * line.size, rel=0.1) for line in said if line.what not in fixed
    ]


def test_memory_stops_at_the_bounds() -> None:
    small = Settings()
    millions = lines(Asked(10**7, 10**7, 1.0), small)
    at_most = lines(Asked(small.worker.profiles_cached, small.model.max_items, 1.0), small)

    assert total(millions, "worker") == pytest.approx(total(at_most, "worker"), rel=0.1)


def test_the_command_prints_every_line(said: list[Line], capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    status = main(["sizing", "--users", str(USERS), "--items", str(ITEMS)])
    table = capsys.readouterr().out

    assert status == 0
    assert [line.what for line in said if line.what not in table] == []


def test_less_than_none_is_refused(capsys: Any) -> None:
    assert main(["sizing", "--users", "-1", "--items", "5"]) == 2
    assert "take numbers from 0 on" in capsys.readouterr().err
