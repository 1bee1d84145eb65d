"""Topics as they must be: created where missing, and checked, since one user's events must share a partition."""

import time
from collections.abc import Iterable
from contextlib import suppress

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from freshet.contract.topics import ALL_TOPICS, Topic
from freshet.security.connections import kafka_options
from freshet.settings import Kafka

NO_BROKER_S = 5.0  # until an absent broker is called absent
NEW_TOPICS_S = 10.0  # a busy broker may take so long to say where the partitions of a new topic are


class TopicsError(Exception):
    """The broker's topics are not what Freshet needs; the text says which and what to do."""


def ensure_topics(settings: Kafka) -> None:
    """Create every topic that is missing; raise TopicsError where one has another number of partitions."""
    try:
        admin = KafkaAdminClient(**kafka_options(settings), bootstrap_timeout_ms=int(1000 * NO_BROKER_S))
    except KafkaError as error:
        raise TopicsError(f"no Kafka at {settings.bootstrap}: {error}; see kafka.bootstrap") from None
    try:
        wanted = {settings.prefix + topic.name: topic for topic in ALL_TOPICS}
        missing = wanted.keys() - set(admin.list_topics())
        if missing:
            with suppress(TopicAlreadyExistsError):  # another process made it in between
                admin.create_topics([_new(name, wanted[name], settings) for name in sorted(missing)])
        for name, found in _partitions(admin, wanted).items():
            expected = partitions_of(wanted[name], settings)
            if found != expected:
                raise TopicsError(
                    f"topic {name} has {found} partitions, the settings say {expected}: one user's events would lie "
                    f"with different workers. Make the topic anew with {expected}, or give all that are alike "
                    f"{found} and set kafka.partitions (users' topics) or kafka.item_partitions (items')"
                )
    finally:
        admin.close()


def partitions_of(topic: Topic, settings: Kafka) -> int:
    """How many partitions a topic has in this deployment."""
    numbers = {"users": settings.partitions, "items": settings.item_partitions, None: 1}
    return numbers[topic.shared_by]


def _new(name: str, topic: Topic, settings: Kafka) -> NewTopic:
    configs = {"cleanup.policy": "compact"} if topic.compacted else {"retention.ms": str(topic.retention_ms)}
    return NewTopic(
        name=name,
        num_partitions=partitions_of(topic, settings),
        replication_factor=settings.replication,
        topic_configs=configs,
    )


def _partitions(admin: KafkaAdminClient, names: Iterable[str]) -> dict[str, int]:
    """Topic → partitions; those the broker has only just made are waited for."""
    deadline = time.monotonic() + NEW_TOPICS_S
    while True:
        found = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics(list(names))}
        if all(found.values()) or time.monotonic() > deadline:
            return found
        time.sleep(0.1)
