"""Every kind of bad event is refused, with a reason that names what is wrong."""

import json
from typing import Any

import pytest

from freshet.contract.events import FUTURE_MS, MAX_EVENT_BYTES, SCHEMAS, BadEvent, decode

NOW_MS = 1_764_000_000_000
COMMON = {"event_id": "e1", "user_id": "u1", "ts": NOW_MS}
GOOD: dict[str, dict[str, Any]] = {
    "clicks": {**COMMON, "item_id": "i1", "position": 0, "dwell_ms": 10},
    "carts": {**COMMON, "item_id": "i1", "quantity": 2, "price": 1.5, "action": "remove"},
    "purchases": {**COMMON, "item_id": "i1", "price": 0, "order_id": "o1"},
    "impressions": {**COMMON, "items": ["i1", "i2"], "context": {"placement": "home"}},
    "ratings": {**COMMON, "item_id": "i1", "rating": 4.5, "text": "lovely"},
    "searches": {**COMMON, "query": "shoes"},
    "feedback": {**COMMON, "item_id": "i1", "action": "hide"},
    "items": {"item_id": "i1", "category": "a/b", "price": 2, "tags": ["x"], "embedding": [0.5], "stock": 3},
}
WITHOUT = object()


def test_there_is_a_good_event_of_every_topic():
    assert list(GOOD) == list(SCHEMAS)


@pytest.mark.parametrize("topic", GOOD)
def test_a_good_event_is_taken_with_unknown_fields_and_at_the_clock_bound(topic):
    value = {**GOOD[topic], "unknown": {"deep": [1]}}
    if topic != "items":
        value["ts"] = NOW_MS + FUTURE_MS

    event = decode(topic, json.dumps(value).encode(), now_ms=NOW_MS)

    for field, given in GOOD[topic].items():
        assert field == "ts" or getattr(event, field) == given


@pytest.mark.parametrize(
    ("topic", "change", "reason"),
    [
        *[
            pytest.param(topic, {field: value}, reason, id=f"{topic}-{field}-{case}")
            for topic in GOOD
            if topic != "items"
            for field, value, reason, case in [
                ("event_id", WITHOUT, "missing required field `event_id`", "missing"),
                ("event_id", "", "length >= 1 - at `$.event_id`", "empty"),
                ("event_id", "x" * 129, "length <= 128 - at `$.event_id`", "long"),
                ("event_id", "a\nb", "cannot be printed", "newline"),
                ("user_id", WITHOUT, "missing required field `user_id`", "missing"),
                ("user_id", 7, "Expected `str`, got `int` - at `$.user_id`", "number"),
                ("user_id", "", "length >= 1 - at `$.user_id`", "empty"),
                ("user_id", "u" * 129, "length <= 128 - at `$.user_id`", "long"),
                ("user_id", "u\0", "cannot be printed", "nul"),
                ("ts", WITHOUT, "missing required field `ts`", "missing"),
                ("ts", "now", "Expected `int`, got `str` - at `$.ts`", "text"),
                ("ts", 1.5, "Expected `int`", "fraction"),
                ("ts", -1, ">= 0 - at `$.ts`", "negative"),
                ("ts", NOW_MS + FUTURE_MS + 1, "ahead of the reader's clock", "future"),
                ("ts", 10**18, "<= 253402300799999 - at `$.ts`", "nanoseconds"),
                ("session_id", "", "length >= 1 - at `$.session_id`", "empty"),
                ("request_id", "r" * 129, "length <= 128 - at `$.request_id`", "long"),
                ("context", {"a": [1]}, "at `$.context[...]`", "deep"),
                ("context", "home", "Expected `object`, got `str` - at `$.context`", "text"),
            ]
        ],
        *[
            pytest.param(topic, {"item_id": value}, reason, id=f"{topic}-item_id-{case}")
            for topic in ("clicks", "carts", "purchases", "ratings", "feedback", "items")
            for value, reason, case in [
                (WITHOUT, "missing required field `item_id`", "missing"),
                ("", "length >= 1 - at `$.item_id`", "empty"),
                ("i" * 129, "length <= 128 - at `$.item_id`", "long"),
                (None, "Expected `str`, got `null` - at `$.item_id`", "null"),
                ("i\x7f", "cannot be printed", "control"),
            ]
        ],
        ("clicks", {"position": -1}, ">= 0 - at `$.position`"),
        ("clicks", {"dwell_ms": -5}, ">= 0 - at `$.dwell_ms`"),
        ("carts", {"quantity": 0}, "> 0.0 - at `$.quantity`"),
        ("carts", {"price": -1}, ">= 0.0 - at `$.price`"),
        ("carts", {"action": "empty"}, "Invalid enum value 'empty' - at `$.action`"),
        ("purchases", {"quantity": -1}, "> 0.0 - at `$.quantity`"),
        ("purchases", {"price": "9"}, "at `$.price`"),
        ("purchases", {"order_id": ""}, "length >= 1 - at `$.order_id`"),
        ("impressions", {"items": WITHOUT}, "missing required field `items`"),
        ("impressions", {"items": []}, "length >= 1 - at `$.items`"),
        ("impressions", {"items": ["i"] * 201}, "length <= 200 - at `$.items`"),
        ("impressions", {"items": ["i", ""]}, "length >= 1 - at `$.items[1]`"),
        ("impressions", {"items": ["a\tb"]}, "cannot be printed"),
        ("ratings", {"rating": WITHOUT}, "missing required field `rating`"),
        ("ratings", {"rating": "good"}, "Expected `float`, got `str` - at `$.rating`"),
        ("ratings", {"text": "x" * 20_001}, "length <= 20000 - at `$.text`"),
        ("searches", {"query": WITHOUT}, "missing required field `query`"),
        ("searches", {"query": "x" * 2_001}, "length <= 2000 - at `$.query`"),
        ("feedback", {"action": WITHOUT}, "missing required field `action`"),
        ("feedback", {"action": "love"}, "Invalid enum value 'love' - at `$.action`"),
        ("items", {"price": -0.01}, ">= 0.0 - at `$.price`"),
        ("items", {"category": "c" * 513}, "length <= 512 - at `$.category`"),
        ("items", {"brand": "b" * 257}, "length <= 256 - at `$.brand`"),
        ("items", {"title": "t" * 2_001}, "length <= 2000 - at `$.title`"),
        ("items", {"tags": ["t"] * 101}, "length <= 100 - at `$.tags`"),
        ("items", {"attributes": {"a": {}}}, "at `$.attributes[...]`"),
        ("items", {"embedding": [0.0] * 2_049}, "length <= 2048 - at `$.embedding`"),
        ("items", {"embedding": ["x"]}, "at `$.embedding[0]`"),
        ("items", {"available": "yes"}, "Expected `bool`, got `str` - at `$.available`"),
        ("items", {"stock": -1}, ">= 0.0 - at `$.stock`"),
        ("items", {"released_ts": -1}, ">= 0 - at `$.released_ts`"),
    ],
)
def test_a_bad_field_is_refused_and_named(topic, change, reason):
    fields = {**GOOD[topic], **change}
    value = json.dumps({name: value for name, value in fields.items() if value is not WITHOUT})

    with pytest.raises(BadEvent) as refused:
        decode(topic, value.encode(), now_ms=NOW_MS)

    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"hello", "not JSON", id="text"),
        pytest.param(b'{"event_id": "e1"', "not JSON", id="cut"),
        pytest.param(b"\xff\xfe", "not JSON", id="no-utf-8"),
        pytest.param(b'{"event_id": "\xff"}', "not JSON", id="bad-utf-8-in-text"),
        pytest.param(b'{"event_id": "\\ud800"}', "not JSON", id="lone-surrogate"),
        pytest.param(b"[]", "Expected `object`, got `array`", id="array"),
        pytest.param(b"null", "Expected `object`, got `null`", id="null"),
        pytest.param(b"7", "Expected `object`, got `int`", id="number"),
        pytest.param(b"[" * 100_000, "clicks: ", id="deep"),
        pytest.param(b'{"x":' * 40_000, "not JSON", id="deep-in-an-unknown-field"),
        pytest.param(b" " * (MAX_EVENT_BYTES + 1), "at most 262,144 are taken", id="large"),
    ],
)
def test_what_is_no_event_at_all_is_refused(value, reason):
    with pytest.raises(BadEvent) as refused:
        decode("clicks", value, now_ms=NOW_MS)

    assert reason in str(refused.value)
