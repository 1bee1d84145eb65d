"""Where the log of one partition of people ends now."""

import kafka
from kafka.errors import KafkaError

from freshet.contract.topics import USER_TOPICS
from freshet.security.connections import kafka_options
from freshet.settings import Kafka

ANSWER_MS = 5_000


class NoLog(Exception):
    """Kafka does not say. Its text says why."""


def log_ends(settings: Kafka, partition: int) -> list[int]:
    """For each of USER_TOPICS the offset that the next event gets there. NoLog when Kafka does not answer."""
    places = [kafka.TopicPartition(settings.prefix + topic.name, partition) for topic in USER_TOPICS]
    try:
        consumer = kafka.KafkaConsumer(
            **kafka_options(settings),
            enable_auto_commit=False,
            bootstrap_timeout_ms=ANSWER_MS,
            request_timeout_ms=ANSWER_MS,
        )
        try:
            ends = consumer.end_offsets(places)
        finally:
            consumer.close()
    except (KafkaError, ValueError) as error:
        raise NoLog(f"{type(error).__name__}: {error}") from None
    return [ends[place] for place in places]
