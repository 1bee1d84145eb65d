"""A worker over the real broker and Redis: as its own process, or inside the test to look into it."""

import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kafka
import pytest

from freshet.contract.admin import ensure_topics
from freshet.contract.keys import Keys
from freshet.contract.partitioner import partition_of
from freshet.contract.published import Published, unpack
from freshet.demo.gauges import Gauges, parse
from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.security.connections import connect_redis
from freshet.services import Service, answers
from freshet.settings import Settings, load

SETTLE_S = 60.0


def wait_for(what: str, condition: Callable[[], Any], timeout_s: float = SETTLE_S) -> Any:
    """The first true value of the condition; fails by name when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    pytest.fail(f"waited {timeout_s:.0f} s for {what}")


class Shop:
    """A shop of one test: its own topics, group and Redis database; sends events and reads what became of them."""

    def __init__(self, stack: LocalStack, redis_url: str, prefix: str, log_dir: Path, **more: str) -> None:
        self.metrics_port = free_port()
        self.overrides = [
            f"kafka.bootstrap={stack.bootstrap_servers}",
            f"kafka.prefix={prefix}",
            f"kafka.group={prefix}worker",
            f"redis.url={redis_url}",
            f"worker.metrics_port={self.metrics_port}",
            f"worker.web_port={free_port()}",
            f"refresh.models_dir={log_dir / 'models'}",
            *(f"{name.replace('__', '.')}={value}" for name, value in more.items()),
        ]
        self.settings: Settings = load(overrides=self.overrides)
        self.log_dir, self.prefix = log_dir, prefix
        ensure_topics(self.settings.kafka)
        self.keys = Keys.of(self.settings)
        self.redis = connect_redis(self.settings.redis)
        self.producer = kafka.KafkaProducer(bootstrap_servers=self.settings.kafka.bootstrap, acks="all")

    def send(self, topic: str, value: bytes, *, key: str = "", partition: int | None = None) -> Any:
        """One message as a foreign client might send it: any bytes, to any partition. Its future."""
        count = self.settings.kafka.item_partitions if topic == "items" else self.settings.kafka.partitions
        home = partition_of(key, count) if partition is None else partition
        return self.producer.send(self.prefix + topic, key=key.encode(), value=value, partition=home)

    def worker(self) -> Service:
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        return Service("worker", overrides=self.overrides, log_dir=self.log_dir, ready=lambda: answers(url))

    def gauges(self) -> Gauges:
        """The worker's metrics now."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
            return parse(answer.read().decode())

    def published(self, user_id: str) -> Published | None:
        return unpack(self.redis.get(self.keys.published(user_id)))

    def messages(self, topic: str) -> list[Any]:
        """Every message of a topic so far."""
        self.producer.flush()
        consumer = kafka.KafkaConsumer(
            bootstrap_servers=self.settings.kafka.bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        places = [
            kafka.TopicPartition(self.prefix + topic, p)
            for p in sorted(consumer.partitions_for_topic(self.prefix + topic))
        ]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends, found = consumer.end_offsets(places), []
        while any(consumer.position(place) < ends[place] for place in places):
            for batch in consumer.poll(timeout_ms=200).values():
                found.extend(batch)
        consumer.close()
        return found

    def close(self) -> None:
        self.producer.close()
        self.redis.close()
