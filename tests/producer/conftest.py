"""A deployment's topics of one test, and what they hold."""

import gc
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import kafka
import pytest

from freshet.contract.admin import ensure_topics
from freshet.local import LocalStack
from freshet.settings import Kafka


class Log:
    """settings: of the test's own topics, which exist."""

    def __init__(self, stack: LocalStack, prefix: str) -> None:
        self.settings = Kafka(bootstrap=stack.bootstrap_servers, prefix=prefix)
        self.stack = stack
        ensure_topics(self.settings)

    @property
    def overrides(self) -> list[str]:
        """The arguments that make a command use these topics."""
        pairs = {"kafka.bootstrap": self.settings.bootstrap, "kafka.prefix": self.settings.prefix}
        return [part for name, value in pairs.items() for part in ("--set", f"{name}={value}")]

    def messages(self, topic: str) -> list[Any]:
        """Every message of a topic so far, partition after partition."""
        consumer = kafka.KafkaConsumer(bootstrap_servers=self.settings.bootstrap, enable_auto_commit=False)
        name = self.settings.prefix + topic
        places = [kafka.TopicPartition(name, p) for p in sorted(consumer.partitions_for_topic(name))]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends, found = consumer.end_offsets(places), []
        while any(consumer.position(place) < ends[place] for place in places):
            for batch in consumer.poll(timeout_ms=200).values():
                found.extend(batch)
        consumer.close()
        return sorted(found, key=lambda message: (message.partition, message.offset))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The broker answers nobody, until the block ends."""
        pid = self.stack.kafka.pid
        assert pid is not None
        os.killpg(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(pid, signal.SIGCONT)


@pytest.fixture
def log(stack: LocalStack, fresh_prefix: str) -> Iterator[Log]:
    yield Log(stack, fresh_prefix)
    gc.collect()  # what a lost connection left behind is found here, not in somebody else's test
