"""POST /v1/events: 202 when Kafka has them, the bytes as they came, in the partition of their owner."""

import json
import time
from typing import Any

import pytest

from freshet.contract.admin import ensure_topics
from freshet.contract.partitioner import partition_of
from freshet.local import LocalStack


def event(n: int, **more: Any) -> dict[str, Any]:
    return {"event_id": f"e{n}", "user_id": f"u{n}", "item_id": "i1", "ts": 1_000 + n, **more}


def in_kafka(api: Any, topic: str) -> list[tuple[int, bytes, Any]]:
    """(partition, key, value) of every message, by time of arrival in each partition."""
    import kafka

    consumer = kafka.KafkaConsumer(bootstrap_servers=api.settings.kafka.bootstrap, enable_auto_commit=False)
    places = [kafka.TopicPartition(api.settings.kafka.prefix + topic, p) for p in range(4)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends, found = consumer.end_offsets(places), []
    while any(consumer.position(place) < ends[place] for place in places):
        for batch in consumer.poll(timeout_ms=200).values():
            found += [(message.partition, message.key, json.loads(message.value)) for message in batch]
    consumer.close()
    return sorted(found, key=lambda message: message[2].get("ts", 0))


@pytest.fixture(scope="module", autouse=True)
def _topics(api: Any) -> None:
    ensure_topics(api.settings.kafka)


def test_202_means_that_kafka_has_them(api: Any, settled: Any) -> None:
    one = event(1, unknown_field={"is": "kept"})
    many = [event(n) for n in range(2, 9)]

    first = api.ask("/v1/events", "POST", {"topic": "clicks", "value": one})
    rest = api.ask("/v1/events", "POST", [{"topic": "clicks", "value": value} for value in many])

    assert (first.status, settled(first.json)) == (202, {"accepted": 1})
    assert (rest.status, settled(rest.json)) == (202, {"accepted": 7})
    assert in_kafka(api, "clicks") == [
        (partition_of(value["user_id"], 4), value["user_id"].encode(), value) for value in [one, *many]
    ]


def test_catalogue_messages_are_keyed_by_item(api: Any) -> None:
    item = {"item_id": "i/1", "category": "shoes"}

    answer = api.ask("/v1/events", "POST", {"topic": "items", "value": item})

    assert answer.status == 202
    assert in_kafka(api, "items") == [(partition_of("i/1", 4), b"i/1", item)]


@pytest.mark.parametrize(
    ("topic", "value", "detail"),
    [
        ("carts", {**event(1), "item_id": ""}, "carts: Expected `str` of length >= 1 - at `$.item_id`"),
        ("carts", {**event(1), "ts": "now"}, "carts: Expected `int`, got `str` - at `$.ts`"),
        ("carts", {**event(1), "action": "steal"}, "carts: Invalid enum value 'steal' - at `$.action`"),
        ("carts", {"event_id": "e1"}, "carts: Object missing required field `user_id`"),
        ("carts", {**event(1), "item_id": "a\0b"}, "an id holds a character that cannot be printed: 'a\\x00b'"),
        ("impressions", event(1), "impressions: Object missing required field `items`"),
        ("items", {"item_id": "i", "price": -1}, "items: Expected `float` >= 0.0 - at `$.price`"),
        ("carts", [], "carts: Expected `object`, got `array`"),
    ],
)  # fmt: skip
def test_400_names_place_and_field_and_nothing_is_sent(api: Any, topic: str, value: Any, detail: str) -> None:
    good = {"topic": "carts", "value": event(1)}

    alone = api.ask("/v1/events", "POST", {"topic": topic, "value": value})
    third = api.ask("/v1/events", "POST", [good, good, {"topic": topic, "value": value}])

    assert (alone.status, alone.json["detail"]) == (400, detail)
    assert (third.status, third.json["detail"]) == (400, f"event 2: {detail}")
    assert in_kafka(api, "carts") == []


def test_an_event_dated_ahead_is_refused(api: Any) -> None:
    ahead = event(1, ts=int(time.time() * 1000) + 3_600_000)

    answer = api.ask("/v1/events", "POST", {"topic": "clicks", "value": ahead})

    assert answer.status == 400
    assert answer.json["detail"].startswith("ts is 3,")
    assert answer.json["detail"].endswith(" s ahead of the reader's clock; at most 300 s are")


def test_more_than_a_thousand_events_are_refused(api: Any) -> None:
    answer = api.ask("/v1/events", "POST", [{"topic": "clicks", "value": event(1)}] * 1001)

    assert (answer.status, answer.json["detail"]) == (400, "a request takes 1 to 1,000 events; got 1,001")


def answer_once_taken(api: Any, said: Any) -> Any:
    """The first answer that is no 503: a broker that has just been started may need a moment for its partitions."""
    deadline = time.monotonic() + 90
    while (answer := api.ask("/v1/events", "POST", said)).status == 503 and time.monotonic() < deadline:
        time.sleep(0.5)
    return answer


def test_without_kafka_it_is_503_until_kafka_is_back(api: Any, stack: LocalStack) -> None:
    said = {"topic": "ratings", "value": event(1, rating=5)}
    assert api.ask("/v1/events", "POST", said).status == 202  # connected
    stack.kafka.kill()

    away = api.ask("/v1/events", "POST", said)
    lookup = api.ask("/v1/trending")
    stack.kafka.start()
    back = answer_once_taken(api, said)

    assert (away.status, away.headers["retry-after"]) == (503, "1")
    assert away.json["detail"].startswith("Kafka did not take it: ")
    assert lookup.status == 200  # lookups need no Kafka
    assert back.status == 202
    assert {value["event_id"] for _, _, value in in_kafka(api, "ratings")} == {"e1"}
