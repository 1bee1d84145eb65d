"""Kafka: whether it answers, its topics, its clock."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import InvalidTimestampError, KafkaError

from freshet.contract.admin import AFTER_MAX, NO_BROKER_S, configs_of, other_number, partitions_of
from freshet.contract.topics import ALL_TOPICS, USER_TOPICS, Topic
from freshet.doctor.finding import Finding, Grade, clock
from freshet.security.connections import kafka_options
from freshet.settings import Kafka, SettingError, Settings

FUTURE_S = 10 * 365 * 86_400  # no broker takes a message dated so far ahead
ANSWER_S = 30.0


def kafka(settings: Settings) -> Iterator[Finding]:
    it = settings.kafka
    try:
        options = kafka_options(it)
        admin = KafkaAdminClient(**options, bootstrap_timeout_ms=int(1000 * NO_BROKER_S))
    except (KafkaError, SettingError) as error:
        yield Finding(
            Grade.WRONG, "Kafka", f"none at {it.bootstrap}: {error}", "start it, or see kafka.bootstrap"
        )
        return
    try:
        brokers = len(admin.describe_cluster()["brokers"])
        yield Finding(Grade.GOOD, "Kafka", f"{brokers} broker{'s'[: brokers > 1]} at {it.bootstrap}")
        found = {topic["name"]: topic["partitions"] for topic in _there(admin, it)}
        yield from topics(it, brokers, found)
        configs = _configs(admin, list(found))
        yield from retention(it, configs)
        if it.prefix + USER_TOPICS[0].name in found:
            yield broker_clock(it, configs[it.prefix + USER_TOPICS[0].name])
    except KafkaError as error:
        yield Finding(
            Grade.WRONG,
            "Kafka",
            f"{type(error).__name__}: {error}",
            "see its log, and the rights of our user",
        )
    finally:
        admin.close()


def topics(settings: Kafka, brokers: int, found: Mapping[str, list[dict[str, Any]]]) -> Iterator[Finding]:
    """found: topic → its partitions, as the broker describes them."""
    wanted = _wanted(settings)
    missing = sorted(wanted.keys() - found.keys())
    if missing:
        said = f"{len(missing)} of {len(wanted)} are not there: {', '.join(missing[:3])}" + ", …" * (
            len(missing) > 3
        )
        yield Finding(
            Grade.LOOK, "topics", said, "start a worker: it makes them. If they were there, `freshet rebuild`"
        )
    wrong = False
    for name, partitions in found.items():
        expected = partitions_of(wanted[name], settings)
        if len(partitions) != expected:
            wrong = True
            said, _, do = other_number(name, len(partitions), expected).partition(": ")
            yield Finding(Grade.WRONG, "topics", said, do)
        copies = {len(partition["replica_nodes"]) for partition in partitions}
        if copies and min(copies) < settings.replication:
            wrong = True
            said = f"{name} has {min(copies)} copies, the settings say {settings.replication}"
            yield Finding(Grade.LOOK, "topics", said, "kafka-reassign-partitions gives it more")
        late = [p["partition_index"] for p in partitions if len(p["isr_nodes"]) < len(p["replica_nodes"])]
        if late:
            wrong = True
            yield Finding(
                Grade.LOOK,
                "topics",
                f"{name}: copies of partitions {late} are behind",
                "see the brokers' logs",
            )
    if not missing and not wrong:
        yield Finding(
            Grade.GOOD, "topics", f"{len(found)} with their partitions, {settings.replication} copies each"
        )
    if brokers > 1 and settings.replication == 1:
        said = "one copy of every message, though there are several brokers"
        yield Finding(Grade.LOOK, "topics", said, "kafka.replication=3 before the topics are made")


def retention(settings: Kafka, found: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    """found: topic → its configuration."""
    differing = [
        f"{name} has {key}={found[name][key]}, the settings say {value}"
        for name, topic in _wanted(settings).items()
        if name in found
        for key, value in configs_of(topic, settings).items()
        if key in found[name] and found[name][key] != value
    ]
    if differing:
        more = f", and {len(differing) - 1} more" if len(differing) > 1 else ""
        yield Finding(Grade.LOOK, "retention", differing[0] + more, "start a worker: it sets them")
    elif found:
        yield Finding(
            Grade.GOOD, "retention", f"as the settings say: events for {settings.events_days:g} days"
        )


def broker_clock(settings: Kafka, config: Mapping[str, str]) -> Finding:
    """Kafka tells its time only to whom it refuses a message, dated too far ahead; nothing is written."""
    what, bound_ms = "Kafka's clock", int(config.get(AFTER_MAX, 2**63 - 1))
    if bound_ms > 1000 * FUTURE_S / 2:
        return Finding(Grade.LOOK, what, f"cannot be told: this broker bounds no timestamps ({AFTER_MAX})")
    producer = KafkaProducer(**kafka_options(settings), max_block_ms=int(1000 * ANSWER_S))
    try:
        topic, then = settings.prefix + USER_TOPICS[0].name, time.time() + FUTURE_S
        producer.send(topic, b"", timestamp_ms=int(1000 * then), partition=0).get(ANSWER_S)
    except InvalidTimestampError as error:
        bounds = re.search(r"within \[-?\d+, (\d+)\]", str(error))
        if bounds is not None:
            return clock(what, (int(bounds[1]) - bound_ms) / 1000 - time.time())
    finally:
        producer.close()
    return Finding(Grade.LOOK, what, "cannot be told: the broker did not say why it refused a message")


def _wanted(settings: Kafka) -> dict[str, Topic]:
    return {settings.prefix + topic.name: topic for topic in ALL_TOPICS}


def _there(admin: KafkaAdminClient, settings: Kafka) -> list[dict[str, Any]]:
    names = sorted(_wanted(settings).keys() & set(admin.list_topics()))
    return list(admin.describe_topics(names)) if names else []


def _configs(admin: KafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    if not resources:
        return {}
    found = admin.describe_configs(resources, config_filter="all")["topic"]
    return {name: {key: told["value"] for key, told in entries.items()} for name, entries in found.items()}
