"""What the running worker makes of good, bad, repeated and misrouted events."""

import json
import time
from typing import Any

from shop import Shop, wait_for

from freshet.contract.dead_letters import unpack_dead_letter
from freshet.contract.partitioner import partition_of
from freshet.contract.topics import USER_TOPICS


def click(user: str, item: str, ts: int, **more: Any) -> bytes:
    return json.dumps(
        {"event_id": f"{user[:50]}:{item}:{ts}", "user_id": user, "ts": ts, "item_id": item, **more}
    ).encode()


NOW = int(time.time() * 1000)
BAD = [  # (topic, bytes, what the reason must say)
    ("clicks", b"{", "not JSON"),
    ("clicks", b"\xff\xfe", "not JSON"),
    ("clicks", b"", "not JSON"),
    ("clicks", b"[1, 2]", "Expected `object`"),
    ("clicks", b'{"event_id": "e", "ts": 1, "item_id": "i"}', "user_id"),
    ("clicks", click("u" * 129, "i", 1), "user_id"),
    ("clicks", click("u", "", 1), "item_id"),
    ("clicks", click("u", "i", -5), "$.ts"),
    ("clicks", click("u", "i", NOW + 3_600_000), "ahead"),
    ("clicks", click("u", "i\u0000", 1), "cannot be printed"),
    ("clicks", click("u", "i", 1, context={"nested": {"a": 1}}), "context"),
    ("carts", click("u", "i", 1, quantity=0), "quantity"),
    ("carts", click("u", "i", 1, action="steal"), "action"),
    ("purchases", click("u", "i", 1, price=-1), "price"),
    ("impressions", b'{"event_id": "e", "user_id": "u", "ts": 1, "items": []}', "items"),
    ("ratings", click("u", "i", 1), "rating"),
    ("searches", b'{"event_id": "e", "user_id": "u", "ts": 1}', "query"),
    ("feedback", click("u", "i", 1, action="praise"), "action"),
    ("items", b'{"category": "a"}', "item_id"),
    ("clicks", b'{"event_id": "' + b"e" * 300_000 + b'"}', "bytes"),
]


def test_each_bad_event_is_in_the_dead_letters_with_its_reason_and_the_next_good_one_is_served(
    shop: Shop,
) -> None:
    for topic, value, _ in BAD:
        shop.send(topic, value, key="u")
    shop.send("clicks", click("u", "good", NOW), key="u")
    with shop.worker():
        wait_for("the good event's list", lambda: shop.published("u"))
        letters = wait_for(
            "every dead letter",
            lambda: len(found := shop.messages("freshet.dead-letters")) >= len(BAD) and found,
        )
        gauges = shop.gauges()

    by_value = {
        (letter.topic, letter.value): letter.reason
        for letter in map(unpack_dead_letter, (m.value for m in letters))
    }
    for topic, value, said in BAD:
        assert said in by_value[topic, value], f"{topic} {value[:80]!r}: {by_value[topic, value]}"
    assert len(letters) == len(BAD)
    assert gauges.total("freshet_events_total", outcome="dead_lettered") == len(BAD)
    assert gauges.total("freshet_events_total", outcome="applied") == 1


def test_events_on_the_wrong_partition_are_sent_on_and_applied_once_by_their_owner(shop: Shop) -> None:
    users = [f"user-{n}" for n in range(8)]
    for user in users:
        wrong = (partition_of(user, 4) + 1) % 4
        shop.send("clicks", click(user, "i", NOW), partition=wrong, key=user)
    with shop.worker():
        wait_for("every list", lambda: all(shop.published(user) for user in users))
        gauges = shop.gauges()

    assert gauges.total("freshet_events_total", topic="clicks", outcome="forwarded") == len(users)
    assert gauges.total("freshet_events_total", topic="clicks", outcome="applied") == len(users)


def test_an_event_sent_twice_is_applied_once(shop: Shop) -> None:
    for _ in range(3):
        shop.send("clicks", click("u", "i", NOW), key="u")
    shop.send("clicks", click("u", "j", NOW + 1), key="u")
    with shop.worker():
        wait_for("all four", lambda: shop.gauges().total("freshet_events_consumed_total") >= 4)
        outcomes = {
            outcome: wait_for(
                "counts", lambda o=outcome: shop.gauges().total("freshet_events_total", outcome=o)
            )
            for outcome in ("applied", "duplicate")
        }

    assert outcomes == {"applied": 2, "duplicate": 2}


def test_every_user_topic_is_applied(shop: Shop) -> None:
    actions = {"carts": "add", "feedback": "hide"}
    for place, topic in enumerate(USER_TOPICS):
        value = {
            "event_id": f"e{place}",
            "user_id": topic.name,
            "ts": NOW,
            "item_id": "i",
            "rating": 4,
            "query": "lamp",
            "items": ["i", "j"],
            "action": actions.get(topic.name, "x"),
        }
        shop.send(topic.name, json.dumps(value).encode(), key=topic.name)
    with shop.worker():
        wait_for("a list for each", lambda: all(shop.published(topic.name) for topic in USER_TOPICS))
        gauges = shop.gauges()

    applied = {
        t.name: gauges.total("freshet_events_total", topic=t.name, outcome="applied") for t in USER_TOPICS
    }
    assert applied == {topic.name: 1 for topic in USER_TOPICS}
