"""What the benchmarks of the stream share: a deployment of its own on a local stack, and what to feed it."""

import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from freshet.contract.admin import ensure_topics
from freshet.contract.topics import ITEMS, USER_TOPICS
from freshet.datasets import Record, read
from freshet.demo.gauges import Gauges, parse
from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.producer import Producer
from freshet.services import Service, answers
from freshet.settings import load
from freshet.simulator import load_shop, simulate

SAMPLE = Path("../shared/data/taobao_userbehavior_head/UserBehavior_head.csv.gz")
PATIENCE_S = 180.0


class Deployment:
    """Topics, group and Redis keys under one prefix. more: `section.name=value` settings."""

    def __init__(self, stack: LocalStack, folder: Path, prefix: str, *more: str) -> None:
        self.overrides = [
            f"kafka.bootstrap={stack.bootstrap_servers}",
            f"kafka.prefix={prefix}",
            f"kafka.group={prefix}worker",
            f"redis.url={stack.redis_url}",
            f"redis.prefix={prefix}fr",
            f"worker.metrics_port={free_port()}",
            f"worker.web_port={free_port()}",
            f"refresh.metrics_port={free_port()}",
            f"refresh.models_dir={folder / prefix}",
            f"api.port={free_port()}",
            *more,
        ]
        self.settings, self._folder = load(overrides=self.overrides), folder
        self._metrics_url = f"http://127.0.0.1:{self.settings.worker.metrics_port}/metrics"
        ensure_topics(self.settings.kafka)

    def service(self, name: str, ready: Callable[[], bool] = lambda: True) -> Service:
        return Service(name, overrides=self.overrides, log_dir=self._folder, ready=ready)

    def worker(self) -> Service:
        return self.service("worker", lambda: answers(self._metrics_url))

    def gauges(self) -> Gauges:
        """The worker's metrics now."""
        with urllib.request.urlopen(self._metrics_url, timeout=10) as answer:
            return parse(answer.read().decode())

    def taken_in(self) -> float:
        """User events that something has become of."""
        gauges = self.gauges()
        return sum(gauges.total("freshet_events_total", topic=topic.name) for topic in USER_TOPICS)

    def send_catalogue(self, records: list[Record]) -> None:
        """Send the items' descriptions and wait until all are taken in."""
        items = [record for record in records if record.topic == ITEMS.name]
        with Producer.of(self.settings.kafka, linger_s=0.1) as producer:
            for record in items:
                producer.send(record.topic, record.event)
        wait_until(lambda: self.gauges().total("freshet_events_total", topic=ITEMS.name) >= len(items))


def messages(events: int) -> list[Record]:
    """Descriptions and user events of the Taobao sample where it is, of the simulated shop otherwise."""
    if SAMPLE.exists():
        return list(read("taobao", SAMPLE, report=lambda _: None, limit=events))
    return list(simulate(load_shop(None), events))


def user_events(records: list[Record]) -> list[Record]:
    return [record for record in records if record.topic != ITEMS.name]


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the worker did not get on within {PATIENCE_S:.0f} s")
        time.sleep(0.2)
