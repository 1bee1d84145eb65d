"""The API under requests that no client of ours sends: refused with a reason, never a 500, its memory as before."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from lookups import Api, fill
from schemathesis.generation import GenerationMode

from freshet.contract.admin import ensure_topics
from freshet.local import LocalStack
from serving.openapi import openapi
from serving.routes import ROUTES

reference = schemathesis.openapi.from_dict(openapi(ROUTES, "test"))
reference.config.generation.modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]

MOST_GROWTH = 60 * 2**20  # bytes; a body of 10 MB is dropped as it comes


@pytest.fixture(scope="module")
def api(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with Api(stack, tmp_path_factory.mktemp("hostile")) as api:
        fill(api)
        ensure_topics(api.settings.kafka)
        for mode in ("click", "cart"):
            api.publish(mode, {"hot": [0.5, 0.25, 0.125], "hat": [0.25, 0.1, 0.05]})
        yield api
        log = api.service.log.read_text()
    assert "Traceback" not in log, log


def resident(api: Api) -> int:
    """Bytes of all processes of the API."""
    total = 0
    for pid in children(api.service.pid):
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        total += int(found[1]) * 1024 if found else 0
    return total


def children(pid: int) -> list[int]:
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in below for one in children(int(child)))]


def sound(status: int, media: str, body: bytes) -> None:
    """No fault of the server, and a sentence where something is refused."""
    assert status < 500, body
    if not body and status in (414, 431):
        return  # by the HTTP library itself, beyond 64 kB of target or headers
    if status >= 400:
        assert media == "application/problem+json"
        assert json.loads(body)["status"] == status and len(json.loads(body)["detail"]) > 10


@reference.include(path_regex="^/(v1|healthz)").parametrize()
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_reference_allows_and_forbids(case: Any, api: Api) -> None:
    answer = case.call(base_url=f"http://127.0.0.1:{api.port}")

    sound(answer.status_code, answer.headers.get("content-type", [""])[0], answer.content)


BODIES = [
    pytest.param(b"[" * 900_000, 400, id="deep-list"),
    pytest.param(b'{"a":' * 150_000 + b"1" + b"}" * 150_000, 400, id="deep-object"),
    pytest.param(b"x" * 10_000_000, 413, id="10-MB"),
    pytest.param(
        json.dumps({"items": [f"i{n}" for n in range(1_000_000)]}).encode(), 413, id="a-million-items"
    ),
    pytest.param(json.dumps({"items": ["i"] * 150_000}).encode(), 400, id="150,000-items"),
    pytest.param(b'{"items": ["a"], "context": {"x": NaN}}', 400, id="nan"),
    pytest.param(b'{"items": ["a"], "context": {"x": 1e999}}', 400, id="infinity"),
    pytest.param(b'{"items": ["\\ud800"]}', 400, id="lone-surrogate"),
    pytest.param(b'{"items": ["\xff"]}', 400, id="no-utf-8"),
    pytest.param(b'{"items": ["' + b"a" * 900_000 + b'"]}', 400, id="long-id"),
    pytest.param(b'{"items": [' + b"9" * 900_000 + b"]}", 400, id="long-number"),
    pytest.param(
        b'{"topic": "clicks", "value": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, id="deep-event"
    ),
    pytest.param(b"\x00" * 1_000, 400, id="zeros"),
    pytest.param(b"", 400, id="nothing"),
]


@pytest.mark.parametrize(("body", "status"), BODIES)
@pytest.mark.parametrize("path", ["/v1/rank", "/v1/events"])
def test_bodies(api: Api, path: str, body: bytes, status: int) -> None:
    before = resident(api)

    answer = api.ask(path, "POST", body)

    sound(answer.status, answer.headers["content-type"], answer.body)
    assert answer.status == status
    assert resident(api) - before < MOST_GROWTH


@pytest.mark.parametrize(
    ("event", "status"),
    [
        pytest.param({"ts": -1}, 400, id="negative-time"),
        pytest.param({"ts": 10**30}, 400, id="time-beyond-64-bits"),
        pytest.param({"item_id": "a\0b"}, 400, id="nul"),
        pytest.param({"item_id": "a\r\nSET k v"}, 400, id="newline"),
        pytest.param({"item_id": "../../etc/passwd"}, 202, id="a-path-is-only-a-name"),
        pytest.param({"context": {"placement": "p" * 65}}, 400, id="long-placement"),
    ],
)
def test_posted_events(api: Api, event: dict[str, Any], status: int) -> None:
    value = {"event_id": "e", "user_id": "u", "item_id": "i", "ts": 1_700_000_000_000, **event}

    answer = api.ask("/v1/events", "POST", {"topic": "clicks", "value": value})

    assert answer.status == status, answer.body
    sound(answer.status, answer.headers["content-type"], answer.body)


TARGETS = [
    *("/v1/users/..%2f..%2fetc%2fpasswd", "/v1/users/%00/recommendations", "/v1/users/%ff/recommendations"),
    *("/v1/users/%ed%a0%80/recommendations", "/v1/users/a%0d%0aSET%20k%20v/recommendations", "/v1/users//"),
    *(
        "/v1/users/*",
        "/v1/users/u?" + "k=1&" * 3_000,
        "/v1/users/u/recommendations?k=1e9",
        "//",
        "/%2e%2e/%2e%2e",
    ),
    *(
        "/v1/users/u/recommendations?weights=click:nan",
        "/v1/users/u/recommendations?weights=click:1e308,cart:1e308",
    ),
    *(
        "/v1/users/u/recommendations?exclude=" + ",".join(["%ff"] * 50),
        "/v1/trending?category=%00",
        "/v1/" + "a" * 9_000,
    ),
    *(
        "/v1/trending?k=" + "9" * 5_000,
        "/v1/users/u/recommendations?k=%F0%9F%92%A9",
        "/v1/items/%u0041/similar",
    ),
    *(
        "/v1/users/" + "%25" * 200,
        "/v1/users/u/scores?items=" + "a" * 9_000,
        "/v1/users/u/scores?items=a%00b",
    ),
]


@pytest.mark.parametrize("target", TARGETS)
def test_targets(api: Api, target: str) -> None:
    answer = api.ask(target)

    sound(answer.status, answer.headers["content-type"], answer.body)


RAW = [
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00" * 50, id="a-TLS-hello"),
    pytest.param(b"GET / HTTP/9.9\r\n\r\n", id="no-such-version"),
    pytest.param(b"GET /healthz HTTP/1.1\r\n" + b"x: y\r\n" * 20_000 + b"\r\n", id="20,000-headers"),
    pytest.param(
        b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 2_000_000 + b"\r\n\r\n", id="2-MB-header"
    ),
    pytest.param(
        b"POST /v1/rank HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
        id="two-lengths",
    ),
    pytest.param(
        b"POST /v1/rank HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
        id="chunk-size",
    ),
    pytest.param(b"POST /v1/rank HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", id="negative-length"),
    pytest.param(b"POST /v1/rank HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{", id="broken-off"),
    pytest.param(b"\0" * 100_000, id="zeros"),
]


@pytest.mark.parametrize("raw", RAW)
def test_bytes_that_are_hardly_http(api: Api, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", api.port), timeout=5) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(65_536)
        except OSError:  # cut off, or never answered
            answer = b""

    assert b" 500 " not in answer[:40]
    assert api.ask("/healthz").status == 200


def test_a_body_without_end_is_given_up(api: Api) -> None:
    """Chunk after chunk: the sender is cut off, and nothing of it is kept."""
    before = resident(api)
    sent = 0
    with socket.create_connection(("127.0.0.1", api.port), timeout=10) as connection:
        connection.sendall(b"POST /v1/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        try:
            while sent < 100_000_000:
                connection.sendall(chunk)
                sent += len(chunk)
        except (ConnectionError, TimeoutError):
            pass

    assert sent < 100_000_000
    assert resident(api) - before < MOST_GROWTH
    assert api.ask("/healthz").status == 200
