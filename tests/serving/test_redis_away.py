"""Redis dies or hangs: last answers marked stale, else 503 with Retry-After; when it is back, as before."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from freshet.demo.gauges import Gauges, parse
from freshet.local import LocalStack

LIST = {"hot": [0.5, 0.25, 0.125], "hat": [0.25, 0.25, 0.0625]}
SAYS = "Redis does not answer or is being filled again, and this was not asked lately; try again"


@contextmanager
def dead(stack: LocalStack) -> Iterator[None]:
    stack.redis.kill()
    try:
        yield
    finally:
        stack.redis.start()


@contextmanager
def hung(stack: LocalStack) -> Iterator[None]:
    assert stack.redis.pid
    os.kill(stack.redis.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(stack.redis.pid, signal.SIGCONT)


def within_s(limit_s: float, ask: Callable[[], Any]) -> Any:
    began = time.monotonic()
    answer = ask()
    assert time.monotonic() - began < limit_s
    return answer


def until_back(api: Any, user: str) -> Any:
    """The first answer about this shopper when nothing is stale any more."""
    deadline = time.monotonic() + 5
    while (answer := api.ask(f"/v1/users/{user}/recommendations")).json.get("stale") or (
        api.ask("/v1/trending").json.get("stale")
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


@pytest.mark.parametrize("away", [dead, hung])
def test_stale_then_503_then_back(api: Any, stack: LocalStack, settled: Any, away: Any) -> None:
    seen, unseen = f"seen-{away.__name__}", f"unseen-{away.__name__}"
    api.publish(seen, LIST)
    before = settled(api.ask(f"/v1/users/{seen}/recommendations").json)
    api.ask("/v1/trending")

    with away(stack):
        time.sleep(1.1)  # trends are kept for 1 s whatever happens
        stale = within_s(1, lambda: api.ask(f"/v1/users/{seen}/recommendations"))
        trends = within_s(1, lambda: api.ask("/v1/trending?k=1"))
        refused = within_s(1, lambda: api.ask(f"/v1/users/{unseen}/recommendations"))
        ready = within_s(1, lambda: api.ask("/readyz"))
        health = api.ask("/healthz")
    back = until_back(api, seen)

    assert (stale.status, settled(stale.json)) == (200, {**before, "stale": True})
    assert (trends.status, trends.json["stale"], len(trends.json["items"])) == (200, True, 1)
    assert refused.status == 503
    assert refused.headers["retry-after"] == "1"
    assert refused.json == {"title": "Service Unavailable", "status": 503, "detail": SAYS}
    assert (ready.status, ready.headers["retry-after"]) == (503, "1")
    assert ready.json["detail"].startswith("Redis does not answer: ")
    assert health.json == {"status": "up"}
    assert settled(back.json) == before
    assert api.ask(f"/v1/users/{unseen}/recommendations").json["source"] == "trending"
    assert api.ask("/readyz").json == {"status": "ready", "encoder": "none"}


def test_what_memory_answers_is_counted(api: Any, stack: LocalStack) -> None:
    def gauges() -> Gauges:
        return parse(api.ask("/metrics").body.decode())

    api.publish("counted", LIST)
    api.ask("/v1/users/counted/recommendations")
    before = gauges()

    with dead(stack):
        stale = [api.ask("/v1/users/counted/recommendations").json["stale"] for _ in range(3)]
        since = gauges().since(before)
    until_back(api, "counted")

    assert stale == [True, True, True]
    assert since.total("freshet_stale_answers_total") == 3
    assert since.total("freshet_redis_failures_total") >= 1
