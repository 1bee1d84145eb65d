"""Topics as they must be: created where missing, and checked, since one user's events must share a partition."""

import time
from collections.abc import Iterable
from contextlib import suppress

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from freshet.contract.events import FUTURE_MS, SCHEMAS
from freshet.contract.topics import ALL_TOPICS, Topic
from freshet.security.connections import kafka_options
from freshet.settings import Kafka

NO_BROKER_S = 5.0  # until an absent broker is called absent
DAY_MS = 86_400_000
ERASURES_LONGER_DAYS = 7  # than events: the log removes whole segments, a while after their time
AFTER_MAX = "message.timestamp.after.max.ms"  # Kafka 3.6 and later
STAMPED = "message.timestamp.type"
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
                raise TopicsError(other_number(name, found, expected))
        _set_configs(admin, wanted, settings)
    finally:
        admin.close()


def other_number(name: str, found: int, expected: int) -> str:
    """What to say of a topic with another number of partitions."""
    return (
        f"topic {name} has {found} partitions, the settings say {expected}: one user's events would lie "
        f"with different workers. Make the topic anew with {expected}, or give all that are alike "
        f"{found} and set kafka.partitions (users' topics) or kafka.item_partitions (items')"
    )


def partitions_of(topic: Topic, settings: Kafka) -> int:
    """How many partitions a topic has in this deployment."""
    numbers = {"users": settings.partitions, "items": settings.item_partitions, None: 1}
    return numbers[topic.shared_by]


def retention_ms(topic: Topic, settings: Kafka) -> int:
    """How long a topic keeps a message, in milliseconds; −1 for ever."""
    days = {
        "events": settings.events_days,
        "signals": settings.signals_days,
        "examples": settings.examples_days,
        "dead_letters": settings.dead_letters_days,
        "erasures": settings.events_days + ERASURES_LONGER_DAYS,
    }
    return int(days[topic.kept] * DAY_MS) if topic.kept in days else -1


def configs_of(topic: Topic, settings: Kafka) -> dict[str, str]:
    """What a topic's retention and clock must be.

    An event keeps the time at which it was sent: it decides whether it is dated ahead (stream/intake.py), so the broker
    must refuse senders whose clock is wrong. What our own processes write has the broker's time: theirs may be wrong.
    """
    return {
        "retention.ms": str(retention_ms(topic, settings)),
        **({AFTER_MAX: str(FUTURE_MS)} if topic.name in SCHEMAS else {STAMPED: "LogAppendTime"}),
    }


def _set_configs(admin: KafkaAdminClient, wanted: dict[str, Topic], settings: Kafka) -> None:
    """What the settings say also holds for topics that were there before, as far as the broker knows of it."""
    ours: dict[str, str | None] = {"retention.ms": None, AFTER_MAX: None, STAMPED: None}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name, ours) for name in wanted]
    found = admin.describe_configs(resources, config_filter="all")["topic"]
    changed = []
    for name, topic in wanted.items():
        differs = {
            key: value
            for key, value in configs_of(topic, settings).items()
            if key in found[name] and found[name][key]["value"] != value
        }
        if differs:
            changed.append(ConfigResource(ConfigResourceType.TOPIC, name, differs))
    if changed:
        admin.alter_configs(changed, incremental=True)


def _new(name: str, topic: Topic, settings: Kafka) -> NewTopic:
    configs = {"retention.ms": str(retention_ms(topic, settings))}
    if settings.replication >= 3:  # what is acknowledged survives a broker, and one away stops nobody
        configs["min.insync.replicas"] = "2"
    if topic.compacted:  # the newest of each key, and of that only what retention leaves
        configs["cleanup.policy"] = "compact" if topic.kept == "for_ever" else "compact,delete"
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
