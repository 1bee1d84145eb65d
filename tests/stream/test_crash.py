"""A worker killed with -9 in mid-stream loses nothing and applies nothing twice."""

import json
import time

import pytest
from shop import Shop, wait_for

from freshet.contract.examples import unpack_examples
from freshet.contract.heads_state import unpack_heads
from freshet.contract.user_state import unpack_user_state
from online_model.heads import Heads
from online_model.profile import Profile
from online_model.vocabulary import Vocabulary

EVENTS, USERS, KILLS = 3_000, 60, 3


def events() -> list[tuple[str, str, bytes]]:
    """(topic, user, value): users go through items in ways of their own; one in seven is a cart."""
    made = []
    for n in range(EVENTS):
        user, topic = f"user-{n * 7 % USERS}", "carts" if n % 7 == 0 else "clicks"
        item = f"item-{(n * n + n // 11) % 97}"
        value = {"event_id": f"e{n}", "user_id": user, "ts": 1_700_000_000_000 + 1_000 * n, "item_id": item}
        made.append((topic, user, json.dumps(value).encode()))
    return made


def clicks_and_carts(shop: Shop) -> int:
    """Events in all profiles: each applied event is one count of one item."""
    total = 0
    for n in range(USERS):
        state = unpack_user_state(shop.redis.get(shop.keys.profile(f"user-{n}")))
        if state:
            profile = Profile.load(state[1], Vocabulary(), shop.settings.model)
            total += int(profile.history["clicks"].sum() + profile.history["carts"].sum())
    return total


@pytest.mark.timeout(240)
def test_killed_in_mid_stream_every_event_is_applied_once_and_every_example_learned_once(shop: Shop) -> None:
    made = events()
    worker = shop.worker()
    consumed_before_kills = 0.0
    for part in range(KILLS + 1):
        worker.start()
        for topic, user, value in made[part * EVENTS // (KILLS + 1) : (part + 1) * EVENTS // (KILLS + 1)]:
            shop.send(topic, value, key=user)
        if part < KILLS:
            wait_for("some of the events", lambda: shop.gauges().total("freshet_events_consumed_total") > 50)
            time.sleep(0.1)
            consumed_before_kills += shop.gauges().total("freshet_events_consumed_total")
            worker.kill()
    wait_for("all events in the profiles", lambda: clicks_and_carts(shop) >= EVENTS)
    wait_for("all examples learned", lambda: learned(shop) >= EVENTS)
    time.sleep(3 * shop.settings.worker.flush_s)  # whatever was applied twice would show by now
    gauges = shop.gauges()
    worker.stop()

    assert clicks_and_carts(shop) == EVENTS
    assert learned(shop) == EVENTS
    assert consumed_before_kills > 0
    assert gauges.total("freshet_events_consumed_total") == gauges.total("freshet_events_total")
    assert distinct_sources(shop) == EVENTS
    assert heads_of(shop) == folded(shop)


def learned(shop: Shop) -> int:
    stored = unpack_heads(shop.redis.get(shop.keys.heads("none")))
    return Heads.load(stored[0], shop.settings.model, tasks(shop)).learned if stored else 0


def heads_of(shop: Shop) -> bytes:
    stored = unpack_heads(shop.redis.get(shop.keys.heads("none")))
    assert stored
    return stored[0]


def folded(shop: Shop) -> bytes:
    """The heads that the examples log gives, read from its beginning, each source once."""
    heads, newest = Heads(shop.settings.model, tasks(shop)), {}
    for message in shop.messages("freshet.examples"):
        for example in unpack_examples(message.value):
            source = (example.topic, example.partition)
            if example.offset > newest.get(source, -1):
                newest[source] = example.offset
                heads.learn(example)
    return heads.dump()


def distinct_sources(shop: Shop) -> int:
    return len(
        {
            (example.topic, example.partition, example.offset)
            for message in shop.messages("freshet.examples")
            for example in unpack_examples(message.value)
        }
    )


def tasks(shop: Shop) -> list:
    return [task.task() for task in shop.settings.pair_tasks]


def test_an_emptied_redis_fills_itself_from_the_log(shop: Shop) -> None:
    made = events()[:600]
    for topic, user, value in made:
        shop.send(topic, value, key=user)
    worker = shop.worker()
    with worker:
        wait_for("all events", lambda: clicks_and_carts(shop) == len(made))
        wait_for("all examples", lambda: learned(shop) == len(made))
    before = profiles(shop)
    shop.redis.flushdb()
    with worker:
        wait_for("all events again", lambda: clicks_and_carts(shop) == len(made))
        wait_for("all examples again", lambda: learned(shop) == len(made))

    assert profiles(shop) == before


def profiles(shop: Shop) -> dict[int, bytes | None]:
    return {n: shop.redis.get(shop.keys.profile(f"user-{n}")) for n in range(USERS)}
