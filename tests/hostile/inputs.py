"""Hostile events without end, the same for the same seed: good ones bent, foreign JSON, and bytes that are none."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

NOW_MS = 1_764_000_000_000
TOPICS = ("clicks", "carts", "purchases", "impressions", "ratings", "searches", "feedback", "items")

IDS: list[Any] = [
    *(
        "u1",
        "i1",
        "x" * 128,
        "x" * 129,
        "",
        " ",
        "../../etc/passwd",
        "..%2f..",
        "C:\\con",
        "/",
        "a/b",
        "a:b",
        "{u}",
        "*",
    ),
    *(
        "a\0b",
        "a\nb",
        "a\r\nSET k v",
        "\x7f",
        "\u200b",
        "a\u202eb",
        "\ud800",
        "\udfff\ud800",
        "\ufeffu",
        "é" * 100,
    ),
    *(
        "𝕌" * 128,
        "<script>",
        "'; DROP TABLE",
        "${jndi:ldap://x}",
        "__proto__",
        "null",
        0,
        -1,
        True,
        None,
        [],
        {},
        1.5,
    ),
]
NUMBERS: list[Any] = [
    *(0, 1, -1, 0.5, -0.0, 1e-320, 1e308, -1e308, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**40),
    *(float("nan"), float("inf"), float("-inf"), "1", "1e5", "", True, None, [], {}),
]
TIMES: list[Any] = [
    NOW_MS,
    NOW_MS - 1,
    0,
    -1,
    NOW_MS + 300_000,
    NOW_MS + 300_001,
    253_402_300_799_999,
    10**15,
    1.5,
    "now",
]
TEXTS: list[Any] = ["", "shoes", "\0", "\ud800", "x" * 2_001, "\u0301" * 500, "<b>", 7, None, ["a"]]
CONTEXTS: list[Any] = [
    {},
    {"placement": "home"},
    {"placement": "p" * 65},
    {"placement": 10**30},
    {"placement": None},
    {"a": [1]},
    {"a": {"b": {}}},
    {str(n): n for n in range(101)},
    {"k" * 129: 1},
    {"k": "v" * 2_001},
    {"": ""},
    "home",
    [],
]


def good(draw: random.Random, topic: str) -> dict[str, Any]:
    """An event that is taken."""
    event: dict[str, Any] = {"item_id": f"i{draw.randrange(40)}"}
    if topic != "items":
        event |= {"event_id": f"e{draw.getrandbits(40)}", "user_id": f"u{draw.randrange(20)}"}
        event["ts"] = NOW_MS - draw.randrange(10**6)
    more: dict[str, dict[str, Any]] = {
        "impressions": {"items": [f"i{n}" for n in range(draw.randint(1, 9))]},
        "ratings": {"rating": draw.randint(1, 5)},
        "searches": {"query": "shoes"},
        "feedback": {"action": "hide"},
        "items": {"category": "a/b", "price": 9.5, "tags": ["t"], "embedding": [0.5, 1.0]},
    }
    return event | more.get(topic, {})


def bent(draw: random.Random, topic: str) -> bytes:
    """A good event with one or two fields of a hostile value, taken away, or added."""
    event = good(draw, topic)
    pools = {
        **dict.fromkeys(("event_id", "user_id", "item_id", "session_id", "request_id", "order_id"), IDS),
        **dict.fromkeys(("quantity", "price", "position", "dwell_ms", "rating", "stock"), NUMBERS),
        **dict.fromkeys(("ts", "released_ts"), TIMES),
        **dict.fromkeys(("query", "text", "title", "brand", "category", "action"), TEXTS),
        **dict.fromkeys(("context", "attributes"), CONTEXTS),
    }
    for _ in range(draw.randint(1, 2)):
        field = draw.choice([*event, *pools])
        if draw.random() < 0.1:
            event.pop(field, None)
        elif field in ("items", "tags", "embedding"):
            pool: list[Any] = draw.choice([IDS, NUMBERS])
            event[field] = [draw.choice(pool) for _ in range(draw.choice([0, 1, 3, 201]))]
        else:
            event[field] = draw.choice(pools[field])
    return json.dumps(event).encode()


def damaged(draw: random.Random, topic: str) -> bytes:
    """A good event's bytes with some of them changed, doubled, or cut off."""
    data = bytearray(json.dumps(good(draw, topic)).encode())
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(data))
        data[at : at + draw.randrange(3)] = draw.randbytes(draw.randrange(3))
        if not data:
            break
    return bytes(data[: draw.randrange(len(data))] if draw.random() < 0.2 else data)


def noise(draw: random.Random, topic: str) -> bytes:
    """Bytes that are no JSON, or JSON that is no event."""
    foreign = [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"x"',
        b"0",
        b"\xff\xfe",
        b"[" * 50,
        b'{"a":' * 50,
        b"NaN",
        b"-",
        b"\0",
    ]
    return draw.choice([*foreign, draw.randbytes(draw.randrange(60))])


def huge(draw: random.Random, topic: str) -> bytes:
    """Few fields, much of something: depth, width, digits, characters."""
    event = json.dumps(good(draw, topic)).encode()[:-1]
    n = draw.choice([1_000, 20_000, 300_000])
    big = {
        "deep": b"[" * n + b"]" * n,
        "wide": b"[" + b"1," * n + b"1]",
        "digits": b"9" * n,
        "fraction": b"0." + b"1" * n,
        "text": b'"' + b"x" * n + b'"',
        "escapes": b'"' + b"\\u0000" * n + b'"',
        "objects": b"{" + b",".join(b'"%d":0' % k for k in range(n // 10)) + b"}",
    }
    field = draw.choice([b"extra", b"context", b"item_id", b"items", b"position", b"embedding"])
    return event + b', "' + field + b'": ' + draw.choice(list(big.values())) + b"}"


def hostile(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """(topic, bytes)."""
    draw = random.Random(seed)
    ways: list[Callable[[random.Random, str], bytes]] = [bent] * 12 + [damaged] * 6 + [noise] * 2
    for n in range(count):
        topic = draw.choice(TOPICS)
        yield topic, huge(draw, topic) if n % 2_000 == 7 else draw.choice(ways)(draw, topic)
