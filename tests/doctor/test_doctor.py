"""`freshet doctor` over real servers: all good, nobody there, and all that can be wrong with them."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import redis
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions
from shop import wait_for

from freshet.contract.admin import ensure_topics
from freshet.contract.keys import Keys
from freshet.doctor import Finding, Grade, examine
from freshet.doctor.finding import clock
from freshet.doctor.machine import disk
from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.services import set_arguments
from freshet.settings import Settings, load

SKEWED = """
import time
time.time = lambda real=time.time: real() + 7200
"""


class Deployment(NamedTuple):
    overrides: list[str]

    @property
    def settings(self) -> Settings:
        return load(overrides=self.overrides)

    def found(self) -> dict[str, list[Finding]]:
        """What was looked at → findings."""
        told: dict[str, list[Finding]] = {}
        for finding in examine(self.settings):
            told.setdefault(finding.what, []).append(finding)
        return told


@pytest.fixture
def deployment(stack: LocalStack, redis_url: str, fresh_prefix: str, tmp_path: Path) -> Deployment:
    return Deployment(
        [
            f"kafka.bootstrap={stack.bootstrap_servers}",
            f"kafka.prefix={fresh_prefix}",
            f"redis.url={redis_url}",
            f"refresh.models_dir={tmp_path / 'models'}",
            *(
                f"{name}={free_port()}"
                for name in ("api.port", "worker.metrics_port", "refresh.metrics_port")
            ),
        ]
    )


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("appendonly", "yes")


def settled(deployment: Deployment) -> dict[str, list[Finding]] | None:
    """All that is found, once a topic's new configuration is visible."""
    found = deployment.found()
    return found if found["retention"][0].grade == Grade.GOOD else None


def test_a_good_deployment(deployment: Deployment) -> None:
    ensure_topics(deployment.settings.kafka)

    found = wait_for("settings that the broker has taken", lambda: settled(deployment))

    bad = [finding for findings in found.values() for finding in findings if finding.grade != Grade.GOOD]
    assert [finding for finding in bad if finding.what not in ("Java", "disk")] == []
    assert {"Kafka", "topics", "retention", "Kafka's clock", "Redis", "Redis' memory"} <= found.keys()
    assert {"Redis' files", "Redis' clock", "state", "encoder"} <= found.keys()


def test_what_is_wrong_with_topics(deployment: Deployment) -> None:
    settings, prefix = deployment.settings.kafka, deployment.settings.kafka.prefix
    before = deployment.found()
    ensure_topics(settings)
    admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap)
    admin.create_partitions({f"{prefix}carts": NewPartitions(5)})
    kept = ConfigResource(ConfigResourceType.TOPIC, f"{prefix}clicks", {"retention.ms": "1000"})
    admin.alter_configs([kept], incremental=True)
    admin.close()

    copied = Deployment([*deployment.overrides, "kafka.replication=3"]).found()
    told = {finding.said: finding for finding in copied["topics"]}

    assert "start a worker" in before["topics"][0].do and before["topics"][0].grade == Grade.LOOK
    carts = told[f"topic {prefix}carts has 5 partitions, the settings say 4"]
    assert carts.grade == Grade.WRONG and "Make the topic anew with 4" in carts.do
    assert told[f"{prefix}clicks has 1 copies, the settings say 3"].grade == Grade.LOOK
    (retention,) = copied["retention"]
    assert retention.said.startswith(f"{prefix}clicks has retention.ms=1000, the settings say 2592000000")


def test_what_is_wrong_with_redis_and_what_it_holds(deployment: Deployment, client: redis.Redis) -> None:
    keys = Keys.of(deployment.settings)
    client.set(keys.profile("u"), b"\x09from the future")
    client.set(keys.row("i"), b"")
    client.hset(keys.model(), "live", "20260101T000000-0000000a")
    client.config_set("maxmemory", 2**30)
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.config_set("appendonly", "no")

    found = deployment.found()

    (memory,), (files,), (encoder,) = found["Redis' memory"], found["Redis' files"], found["encoder"]
    assert memory.grade == Grade.WRONG and "noeviction" in memory.do
    assert files.grade == Grade.LOOK and "appendonly yes" in files.do
    assert encoder.grade == Grade.WRONG and "holds no encoder" in encoder.said
    assert [f.grade for f in found["state"]] == [Grade.WRONG, Grade.WRONG]
    assert "1 of 1 profiles cannot be read" in found["state"][0].said
    assert "`freshet rebuild`" in found["state"][0].do


def doctor(overrides: list[str], path: Path) -> subprocess.CompletedProcess[str]:
    """As somebody calls it, with a table that is wide enough. path: where Python looks for modules first."""
    return subprocess.run(
        [sys.executable, "-m", "freshet.cli", "doctor", *set_arguments(overrides)],
        env={**os.environ, "PYTHONPATH": str(path), "COLUMNS": "250"},
        capture_output=True,
        text=True,
        check=False,
    )


def wrong(told: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in told.stdout.splitlines() if line.startswith("✗")]


def test_the_command_says_what_is_wrong_and_ends_with_1(deployment: Deployment, tmp_path: Path) -> None:
    """This machine's clock is two hours ahead, and a port is taken."""
    ensure_topics(deployment.settings.kafka)
    (tmp_path / "sitecustomize.py").write_text(SKEWED)
    with socket.create_server(("127.0.0.1", deployment.settings.api.port)):
        told = doctor(deployment.overrides, tmp_path)

    assert told.returncode == 1, told.stdout + told.stderr
    assert len(wrong(told)) == 3, told.stdout
    assert sum("behind this machine's" in line and "clock" in line for line in wrong(told)) == 2
    assert any(f"port {deployment.settings.api.port}" in line and "taken by" in line for line in wrong(told))


def test_nobody_is_there(tmp_path: Path) -> None:
    nowhere = [
        f"kafka.bootstrap=127.0.0.1:{free_port()}",
        f"redis.url=redis://:secret@127.0.0.1:{free_port()}/0",
    ]

    told = doctor([*nowhere, f"refresh.models_dir={tmp_path}"], tmp_path)

    assert told.returncode == 1
    assert any("Kafka" in line and "see kafka.bootstrap" in line for line in wrong(told))
    assert any("Redis" in line and "see redis.url" in line for line in wrong(told))
    assert "secret" not in told.stdout + told.stderr


@pytest.mark.parametrize(
    ("ahead_s", "grade"), [(0.5, Grade.GOOD), (-30.0, Grade.LOOK), (30.0, Grade.LOOK), (-61.0, Grade.WRONG)]
)
def test_clocks(ahead_s: float, grade: Grade) -> None:
    assert clock("a clock", ahead_s).grade == grade


def test_room_is_looked_for_where_the_folder_will_be(tmp_path: Path) -> None:
    assert str(tmp_path) in disk(tmp_path / "not" / "yet").said
