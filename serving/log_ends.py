"""Where logs end now."""

from collections.abc import Sequence

import kafka
from kafka.errors import KafkaError

from freshet.security.connections import kafka_options
from freshet.settings import Kafka

ANSWER_MS = 5_000


class NoLog(Exception):
    """Kafka does not say. Its text says why."""


def log_ends(settings: Kafka, places: Sequence[tuple[str, int]]) -> list[int]:
    """For each (topic without prefix, partition) the offset that the next message gets there. NoLog when Kafka does not
    answer.
    """
    wanted = [kafka.TopicPartition(settings.prefix + topic, partition) for topic, partition in places]
    try:
        consumer = kafka.KafkaConsumer(
            **kafka_options(settings),
            enable_auto_commit=False,
            bootstrap_timeout_ms=ANSWER_MS,
            request_timeout_ms=ANSWER_MS,
        )
        try:
            ends = consumer.end_offsets(wanted)
        finally:
            consumer.close()
    except (KafkaError, ValueError) as error:
        raise NoLog(f"{type(error).__name__}: {error}") from None
    return [ends[place] for place in wanted]
