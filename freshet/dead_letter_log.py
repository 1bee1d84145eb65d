"""Reading `freshet.dead-letters` from its beginning, beside whoever else reads it."""

from collections.abc import Iterator

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from freshet.contract.dead_letters import DeadLetter, unpack_dead_letter
from freshet.contract.topics import DEAD_LETTERS
from freshet.security.connections import kafka_options
from freshet.settings import Kafka

POLL_MS = 500
BOOTSTRAP_MS = 5_000  # a broker that is there answers in less


def read_letters(settings: Kafka, *, follow: bool = False) -> Iterator[DeadLetter]:
    """What the topic holds now, oldest first; with `follow` also what comes later, without end.

    A message that is no dead letter is passed over. ConnectionError when there is no broker or no such topic.
    """
    topic = settings.prefix + DEAD_LETTERS.name
    try:
        consumer = KafkaConsumer(
            **kafka_options(settings),
            enable_auto_commit=False,
            bootstrap_timeout_ms=BOOTSTRAP_MS,
        )
    except KafkaError as error:
        raise ConnectionError(f"no Kafka at {settings.bootstrap}: {error}") from None
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        if not partitions:
            raise ConnectionError(f"Kafka at {settings.bootstrap} has no topic {topic}")
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        end = consumer.end_offsets(partitions)
        while follow or any(consumer.position(partition) < end[partition] for partition in partitions):
            for partition, messages in consumer.poll(timeout_ms=POLL_MS).items():
                for message in messages:
                    if follow or message.offset < end[partition]:
                        yield from _letter(message.value)
    finally:
        consumer.close()


def _letter(value: bytes | None) -> Iterator[DeadLetter]:
    try:
        yield unpack_dead_letter(value or b"")
    except msgspec.DecodeError:
        return
