"""A network that is late, slow, cut, or silent without a word, between our processes and Redis, then Kafka."""

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from disturbed import OUTAGE_S, Customers, DisturbedShop, Onlooker, post, tell
from proxy import Proxy
from shop import wait_for

from freshet.local import LocalStack
from freshet.local.kafka import KafkaServer
from freshet.local.ports import LOOPBACK, free_port

FAULT_S = OUTAGE_S / 2  # and the time of a POST
LATENCY_S = 0.2  # each way: a round trip is longer than the API waits for Redis
BYTES_PER_S = 20_000  # a batch's profiles take longer than the worker waits for an answer of Redis
SESSION_S = 3


class BehindProxy(KafkaServer):
    """Has a second listener, which it advertises at the proxy's port."""

    def __init__(self, proxy: Proxy, **more: Any) -> None:
        super().__init__(**more)
        self.proxy = proxy

    def _properties(self) -> dict[str, object]:
        whole = super()._properties()
        return whole | {
            "listeners": f"{whole['listeners']},PROXIED://{LOOPBACK}:{self.proxy.target}",
            "advertised.listeners": f"{whole['advertised.listeners']},PROXIED://{LOOPBACK}:{self.proxy.port}",
            "listener.security.protocol.map": f"{whole['listener.security.protocol.map']},PROXIED:PLAINTEXT",
        }


class Network(NamedTuple):
    stack: LocalStack
    redis: Proxy
    kafka: Proxy


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("network")
    stack = LocalStack(folder)
    with Proxy(stack.redis.port) as redis, Proxy(free_port()) as kafka:
        places = {"data_dir": folder / "kafka", "port": free_port(), "logs": folder / "logs"}
        stack.kafka = BehindProxy(kafka, **places, environ=os.environ, num_partitions=4, heap_mb=512)
        with stack:
            yield Network(stack, redis, kafka)


@pytest.fixture
def shop(_left_behind: None, network: Network, fresh_prefix: str, tmp_path: Path) -> Iterator[DisturbedShop]:
    """Its processes and customers go through the proxies, what the test itself asks does not."""
    shop = DisturbedShop(network.stack, fresh_prefix, tmp_path, model__influence_ms="0")
    shop.redis.flushall()
    shop.overrides += [
        f"kafka.bootstrap={LOOPBACK}:{network.kafka.port}",
        f"kafka.session_timeout_s={SESSION_S}",
        f"redis.url=redis://{LOOPBACK}:{network.redis.port}/0",
    ]
    yield shop
    shop.close()


def late(proxy: Proxy) -> None:
    proxy.latency_s = LATENCY_S
    time.sleep(FAULT_S)


def slow(proxy: Proxy) -> None:
    proxy.bytes_per_s = BYTES_PER_S
    time.sleep(FAULT_S)


def cut(proxy: Proxy) -> None:
    """Again and again."""
    for _ in range(int(FAULT_S / 0.3)):
        proxy.cut()
        time.sleep(0.3)


def silent(proxy: Proxy) -> None:
    proxy.silence()
    time.sleep(FAULT_S)


@pytest.mark.timeout(300 + 10 * FAULT_S)
def test_a_bad_network_costs_time_and_nothing_else(shop: DisturbedShop, network: Network) -> None:
    through, numbers = f"{LOOPBACK}:{network.kafka.port}", itertools.count()
    posted = {}
    with shop.api(), shop.worker() as worker, Customers(shop, 60, bootstrap=through) as customers:
        wait_for("a list", lambda: shop.published("user-0"))
        assert post(shop, click(next(numbers))) == 202
        for server, fault in itertools.product(("redis", "kafka"), (late, slow, cut, silent)):
            proxy: Proxy = getattr(network, server)
            with Onlooker(shop) as onlooker:
                wait_for("an answer", onlooker.statuses)
                fault(proxy)
                posted[server, fault] = post(shop, click(next(numbers)))
                proxy.heal()
                healed_ms = time.time() * 1000
                wait_for("news", lambda then=healed_ms: onlooker.seen[-1][3] > then)
            tell(f"{server} {fault.__name__} for {FAULT_S:.0f} s", onlooker, customers)
            assert onlooker.statuses() <= {200, 503}  # none was kept waiting for 5 s
            assert not onlooker.went_back()
        wait_for("a click taken", lambda: post(shop, click(next(numbers))) == 202)
        customers.__exit__()
        shop.assert_as_undisturbed(customers)
        assert worker.running
    assert not customers.told_as_lost
    assert posted.pop(("kafka", silent)) == 503
    assert set(posted.values()) == {202}


def click(number: int) -> dict:
    """Of somebody who does not use the SDK."""
    event = {"event_id": f"p{number}", "user_id": "poster", "ts": time.time_ns() // 1_000_000, "item_id": "i"}
    return {"topic": "clicks", "value": event}
