"""Who was erased does not come back: not by a rebuild from the log, not from an older Redis, not by a forward."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lookups import Api
from shop import Shop, wait_for

from freshet.contract.erasures import Erasure, pack_erasure, unpack_erasure
from freshet.contract.partitioner import partition_of
from freshet.contract.topics import USER_TOPICS
from freshet.contract.torn import TornState
from freshet.contract.user_state import pack_user_state, unpack_user_state
from freshet.local import LocalStack


def click(shop: Shop, user: str, item: str, *, partition: int | None = None) -> None:
    value = {"event_id": f"{user}-{item}", "user_id": user, "item_id": item, "ts": int(time.time() * 1000)}
    shop.send("clicks", json.dumps(value).encode(), key=user, partition=partition).get(timeout=10)


def held(api: Api, user: str) -> set[str]:
    """Items of the history that the API tells of."""
    answer = api.ask(f"/v1/users/{user}")
    assert answer.status in (200, 404), answer.body
    return {entry["item_id"] for entry in answer.json["history"]} if answer.status == 200 else set()


@pytest.fixture
def api(shop: Shop, stack: LocalStack, tmp_path: Path) -> Iterator[Api]:
    with Api(stack, tmp_path, *shop.overrides, "redis.prefix=fr", "kafka.item_partitions=1") as api:
        yield api


def erase(api: Api, user: str) -> None:
    answer = api.ask(f"/v1/users/{user}", "DELETE")
    assert answer.status == 202, answer.body
    assert answer.json["user_id"] == user and abs(answer.json["asked_ts"] - time.time() * 1000) < 5_000


@pytest.mark.timeout(280)
def test_the_log_does_not_bring_an_erased_person_back(shop: Shop, api: Api) -> None:
    worker = shop.worker()
    worker.start()
    for item in ("a", "b"):
        click(shop, "u1", item)
        click(shop, "u2", item)
    home = partition_of("u1", shop.settings.kafka.partitions)
    click(
        shop, "u1", "astray", partition=(home + 1) % shop.settings.kafka.partitions
    )  # is sent on to its home
    wait_for(
        "the histories", lambda: held(api, "u1") == {"a", "b", "astray"} and held(api, "u2") == {"a", "b"}
    )
    snapshot = {key: shop.redis.dump(key) for key in shop.redis.keys("*")}

    erase(api, "u1")
    wait_for(
        "the worker to follow",
        lambda: shop.gauges().total("freshet_events_total", topic="freshet.erasures") == 1,
    )
    assert held(api, "u1") == set()
    assert shop.published("u1") is None
    assert api.ask("/v1/users/u1/recommendations").json["source"] != "personal"

    click(shop, "u1", "new")
    wait_for("a life anew", lambda: held(api, "u1") == {"new"})
    state = [shop.redis.get(shop.keys.profile(user)) for user in ("u1", "u2")]
    worker.stop()

    shop.redis.flushdb()
    rebuilt(shop, worker, api)
    again = [unpack_user_state(shop.redis.get(shop.keys.profile(user))) for user in ("u1", "u2")]
    assert [user and user.profile for user in again] == [
        user and user.profile for user in map(unpack_user_state, state)
    ]
    accounted(shop)
    worker.stop()

    shop.redis.flushdb()
    for key, value in snapshot.items():
        shop.redis.restore(key, 0, value)
    rebuilt(shop, worker, api)
    worker.stop()

    shop.redis.delete(shop.keys.profile("u1"))  # lost alone: the erasure's own watermark says that it is done
    for partition in range(shop.settings.kafka.partitions):
        shop.redis.set(shop.keys.watermark("clicks", partition), 0)
    rebuilt(shop, worker, api)
    worker.stop()


def rebuilt(shop: Shop, worker: Any, api: Api) -> None:
    """A worker takes over and reads all that Redis does not reflect."""
    worker.start()
    wait_for("the others to come back", lambda: held(api, "u2") == {"a", "b"} and held(api, "u1"))
    time.sleep(
        2 * shop.settings.worker.flush_s
    )  # the event that had gone astray is sent on again, and comes back
    assert held(api, "u1") == {"new"}


def accounted(shop: Shop) -> None:
    gauges = shop.gauges()
    assert gauges.total("freshet_events_consumed_total") == gauges.total("freshet_events_total")
    assert gauges.total("freshet_events_total", outcome="erased") >= 3


@pytest.mark.timeout(200)
def test_without_a_worker_nothing_is_left_and_nothing_comes(shop: Shop, api: Api) -> None:
    click(shop, "u1", "a")
    click(shop, "u2", "a")
    shop.redis.set(shop.keys.profile("u1"), b"of before")
    shop.redis.set(shop.keys.published("u1"), b"of before")

    erase(api, "u1")
    erase(api, "nobody")
    left = shop.redis.exists(shop.keys.profile("u1"), shop.keys.published("u1"))
    with shop.worker():
        wait_for("the other's history", lambda: held(api, "u2") == {"a"})
        wait_for(
            "both erasures",
            lambda: shop.gauges().total("freshet_events_total", topic="freshet.erasures") == 2,
        )
        back = held(api, "u1")

    assert left == 0
    assert back == set()


def test_what_an_erasure_says_survives_its_bytes() -> None:
    erasure = Erasure(7, [1, 0, 5, 0, 0, 0, 2])

    assert unpack_erasure(pack_erasure(erasure)) == erasure
    for damaged in (b"", b"\x02", pack_erasure(erasure)[:-1], pack_erasure(Erasure(7, [1]))):
        with pytest.raises(TornState):
            unpack_erasure(damaged)


def test_a_state_of_before_erasures_is_read() -> None:
    marks = list(range(len(USER_TOPICS)))
    now = pack_user_state(marks, b"profile", 9)
    before = b"\x01" + now[1 : 1 + 8 * len(marks)] + b"profile"

    assert unpack_user_state(now) == (marks, b"profile", 9)
    assert unpack_user_state(before) == (marks, b"profile", -1)
