"""A shop with customers, a worker or more and an API, in which things are broken on purpose, and what was noticed."""

import http.client
import json
import os
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path
from typing import Self

from folds import (
    distinct_sources,
    examples_folded,
    heads_of_log,
    profiles_of_log,
    sent_ids,
    stored_heads,
    stored_profiles,
)
from shop import Shop, wait_for

from freshet.delivery import DeliveryError
from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.local.server import Server
from freshet.producer import Producer
from freshet.services import Service, answers

USERS = [f"user-{n}" for n in range(40)]
TOPICS = ("clicks", "carts")
OUTAGE_S = float(os.environ.get("RELIABILITY_OUTAGE_S", "6"))  # 30 for the figures in docs/reliability.md
SETTLE_S = 120.0


class DisturbedShop(Shop):
    """Redis database 0 of a stack of its own."""

    def __init__(self, stack: LocalStack, prefix: str, log_dir: Path, **more: str) -> None:
        super().__init__(stack, stack.redis_url, prefix, log_dir, worker__linger_s="0.001", **more)
        self.stack, self.api_port = stack, free_port()

    def api(self) -> Service:
        url = f"http://127.0.0.1:{self.api_port}/healthz"
        overrides = [*self.overrides, f"api.port={self.api_port}"]
        return Service("api", overrides=overrides, log_dir=self.log_dir, ready=lambda: answers(url))

    def another_worker(self, number: int) -> Service:
        """Beside `worker()`, with ports and a log of its own."""
        port = free_port()
        overrides = [*self.overrides, f"worker.metrics_port={port}", f"worker.web_port={free_port()}"]
        folder = self.log_dir / f"worker-{number}"
        url = f"http://127.0.0.1:{port}/metrics"
        return Service("worker", overrides=overrides, log_dir=folder, ready=lambda: answers(url))

    def assert_as_undisturbed(self, customers: "Customers") -> None:
        """Every event is in the log, each is in the profiles once, and each example in the heads once."""
        expected = profiles_of_log(self, TOPICS)
        wait_for(
            "profiles like those of an undisturbed run",
            lambda: stored_profiles(self, list(expected)) == expected,
            SETTLE_S,
        )
        in_log = sent_ids(self, TOPICS)
        end = self.messages("freshet.examples")[-1].offset + 1
        wait_for("all examples learned", lambda: examples_folded(self) >= end, SETTLE_S)
        lost = set(customers.sent) - set(in_log) - customers.told_as_lost

        assert not lost
        assert len(in_log) == len(set(in_log))
        assert distinct_sources(self) == len(in_log)
        assert stored_heads(self).dump() == heads_of_log(self).dump()
        assert stored_profiles(self, list(expected)) == expected

    def items_state(self) -> dict[bytes, bytes]:
        """Rows, watermarks of signals, demand: all that the items agent keeps."""
        patterns = map(self.keys.every, ("r", "q"))
        names = sorted(key for pattern in patterns for key in self.redis.scan_iter(pattern))
        return dict(zip(names, self.redis.mget(names), strict=True))


class Beside(threading.Thread):
    """Runs beside, while the `with` lasts: `run` is to end once `_over` is set."""

    def __init__(self) -> None:
        super().__init__()
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


class Customers(Beside):
    """Sends clicks and carts of the users in turn, `rate` a second, through the SDK, while the `with` lasts.

    bootstrap: where they reach Kafka, if not where the shop does.
    """

    def __init__(
        self, shop: DisturbedShop, rate: float, users: Sequence[str] = USERS, bootstrap: str = ""
    ) -> None:
        super().__init__()
        self._kafka = bootstrap or shop.settings.kafka.bootstrap
        self.sent: list[str] = []
        self.told_as_lost: set[str] = set()
        self.longest_send_s = 0.0
        self._shop, self._rate, self._users = shop, rate, users

    def run(self) -> None:
        prefix = self._shop.settings.kafka.prefix
        producer = Producer(self._kafka, topic_prefix=prefix, delivery_s=2 * OUTAGE_S + 60)
        began = time.monotonic()
        while not self._over.is_set():
            n = len(self.sent)
            self._over.wait(max(0.0, began + n / self._rate - time.monotonic()))
            now = time.monotonic()
            event = {
                "event_id": f"e{n}",
                "user_id": self._users[n * 7 % len(self._users)],
                "ts": time.time_ns() // 1_000_000,
                "item_id": f"item-{(n * n + n // 11) % 97}",
            }
            self.sent.append(event["event_id"])
            self._try(lambda event=event, n=n: producer.send("carts" if n % 7 == 0 else "clicks", event))
            self.longest_send_s = max(self.longest_send_s, time.monotonic() - now)
        self._try(producer.close)

    def _try(self, attempt) -> None:
        try:
            attempt()
        except DeliveryError as error:
            self.told_as_lost.update(json.loads(lost.value)["event_id"] for lost in error.lost)


class Onlooker(Beside):
    """Looks a shopper's list up all the time, and notes what came."""

    def __init__(self, shop: DisturbedShop, user: str = USERS[0]) -> None:
        super().__init__()
        self._port, self._path = shop.api_port, f"/v1/users/{user}/recommendations"
        self.seen: list[tuple[float, int, bool, int]] = []  # moment, status (0: none), stale, event_ts

    def run(self) -> None:
        while not self._over.wait(0.02):
            status, stale, event_ts = 0, False, 0
            with (
                closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)) as connection,
                suppress(OSError, http.client.HTTPException),
            ):
                connection.request("GET", self._path)
                answer = connection.getresponse()
                status, body = answer.status, json.loads(answer.read())
                stale, event_ts = bool(body.get("stale")), body.get("event_ts") or 0
            self.seen.append((time.monotonic(), status, stale, event_ts))

    def statuses(self) -> set[int]:
        return {status for _, status, _, _ in self.seen}

    def went_back(self) -> list[tuple[float, int, bool, int]]:
        """Answers that were older than one before, and not marked stale."""
        newest, older = 0, []
        for answer in self.seen:
            _, status, stale, event_ts = answer
            if status == 200 and not stale and event_ts < newest:
                older.append(answer)
            newest = max(newest, event_ts)
        return older

    def longest_without_answer_s(self) -> float:
        """Between two answers of status 200, marked stale or not."""
        return _longest([at for at, status, _, _ in self.seen if status == 200])

    def longest_without_news_s(self) -> float:
        """Between two answers of which the later knew of a newer event."""
        moments, newest = [], 0
        for at, status, _, event_ts in self.seen:
            if status == 200 and event_ts > newest:
                newest = event_ts
                moments.append(at)
        return _longest(moments)


def post(shop: DisturbedShop, event: dict) -> int:
    """One event through the API; the answer's status."""
    with closing(http.client.HTTPConnection("127.0.0.1", shop.api_port, timeout=20)) as connection:
        connection.request("POST", "/v1/events", json.dumps(event))
        return connection.getresponse().status


def outlast(shop: DisturbedShop, server: Server, customers: Customers) -> None:
    """The server is killed with -9 for OUTAGE_S, under load; in the end all is as if it had not been."""
    wait_for("a list", lambda: shop.published("user-0"))
    time.sleep(1)
    server.kill()
    time.sleep(OUTAGE_S)
    server.start()
    before = len(customers.sent)
    wait_for("customers again", lambda: len(customers.sent) > before + 120)
    customers.__exit__()
    shop.assert_as_undisturbed(customers)


def _longest(moments: list[float]) -> float:
    return max((b - a for a, b in pairwise(moments)), default=0.0)


def tell(fault: str, onlooker: Onlooker, customers: Customers) -> None:
    """The figures of docs/reliability.md, on standard output."""
    print(
        f"\n{fault}: {len(customers.sent)} events, told as lost {len(customers.told_as_lost)}, "
        f"longest send {customers.longest_send_s:.1f} s, longest without an answer "
        f"{onlooker.longest_without_answer_s():.1f} s, without news {onlooker.longest_without_news_s():.1f} s, "
        f"statuses {sorted(onlooker.statuses())}"
    )
