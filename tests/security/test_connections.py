"""Kafka with TLS both ways and SASL, Redis with TLS and an ACL user: every process of ours, for real."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import redis
from kafka.admin import KafkaAdminClient, UserScramCredentialUpsertion
from lookups import Api
from shop import wait_for
from tls import Certificate, make_certificate, tls_proxy

from freshet.contract.admin import ensure_topics
from freshet.contract.keys import Keys
from freshet.local import LocalStack, ports
from freshet.local.kafka import KafkaServer
from freshet.local.ports import free_port
from freshet.producer import Producer
from freshet.services import Service, answers, set_arguments
from freshet.settings import load

NAME, PASSWORD = "shop", "kafka-swordfish"
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
ACL_NAME, ACL_PASSWORD = "freshet", "redis-swordfish"
RIGHTS = [
    "-@all",
    "+@read",
    "+@write",
    "+@connection",
    "+@transaction",
    "-@dangerous",
]  # as docs/security.md says


class SecuredKafka(KafkaServer):
    """A broker that lets in NAME with PASSWORD, over TLS only, and asks for a certificate. certificate: its own, which
    vouches for itself alone.
    """

    certificate: Certificate
    inside: str

    def _properties(self) -> dict[str, object]:
        told = super()._properties()
        self.inside = f"{ports.LOOPBACK}:{free_port()}"
        inside = f"INSIDE://{self.inside}"
        login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
        scram_login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
        return {
            **told,
            "listeners": f"{told['listeners']},{inside}",
            "advertised.listeners": f"{told['advertised.listeners']},{inside}",
            "inter.broker.listener.name": "INSIDE",
            "listener.security.protocol.map": "BROKER:SASL_SSL,CONTROLLER:PLAINTEXT,INSIDE:PLAINTEXT",
            "listener.name.broker.sasl.enabled.mechanisms": ",".join(["PLAIN", *SCRAM]),
            "listener.name.broker.plain.sasl.jaas.config": f'{login} user_{NAME}="{PASSWORD}";',
            **{f"listener.name.broker.{name.lower()}.sasl.jaas.config": f"{scram_login};" for name in SCRAM},
            "listener.name.broker.ssl.client.auth": "required",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.certificate.both,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.certificate.certificate,
        }

    def add_scram_user(self) -> None:
        """NAME and PASSWORD for SCRAM, too: the broker keeps these itself."""
        admin = KafkaAdminClient(bootstrap_servers=self.inside)
        try:
            for mechanism in SCRAM:  # one a request: the broker takes no user twice
                told = admin.alter_user_scram_credentials(
                    [UserScramCredentialUpsertion(NAME, mechanism, PASSWORD)]
                )
                assert told == {NAME: None}
        finally:
            admin.close()


@pytest.fixture(scope="module")
def secured(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The settings that reach the servers; no secret is among them."""
    folder = tmp_path_factory.mktemp("secured")
    certificate = make_certificate(folder)
    kafka = SecuredKafka(
        folder / "kafka", port=free_port(), logs=folder, environ=os.environ, num_partitions=4, heap_mb=256
    )
    kafka.certificate = certificate
    kafka.start()
    kafka.add_scram_user()
    with redis.Redis.from_url(stack.redis_url) as client:
        client.acl_setuser(
            ACL_NAME,
            enabled=True,
            reset=True,
            passwords=[f"+{ACL_PASSWORD}"],
            keys=["sec*"],
            commands=RIGHTS,
        )
        with tls_proxy(certificate, stack.redis.port) as port:
            overrides = [
                f"kafka.bootstrap={kafka.bootstrap_servers}",
                "kafka.security_protocol=SASL_SSL",
                f"kafka.sasl_username={NAME}",
                f"kafka.ssl_ca_file={certificate.certificate}",
                f"kafka.ssl_cert_file={certificate.certificate}",
                f"kafka.ssl_key_file={certificate.key}",
                f"redis.url=rediss://127.0.0.1:{port}/0",
                f"redis.username={ACL_NAME}",
                f"redis.ssl_ca_file={certificate.certificate}",
                "redis.prefix=sec",
            ]
            ensure_topics(load(env={"FRESHET_KAFKA__SASL_PASSWORD": PASSWORD}, overrides=overrides).kafka)
            yield overrides
        client.acl_deluser(ACL_NAME)
    kafka.stop()


@pytest.mark.timeout(240)
def test_from_event_to_lookup(
    secured: list[str], stack: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {"FRESHET_KAFKA__SASL_PASSWORD": PASSWORD, "FRESHET_REDIS__PASSWORD": ACL_PASSWORD}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    metrics_port = free_port()
    overrides = [
        *secured,
        "kafka.sasl_mechanism=SCRAM-SHA-512",
        f"worker.metrics_port={metrics_port}",
        f"worker.web_port={free_port()}",
    ]
    settings = load(env=secrets, overrides=overrides)
    worker = Service(
        "worker",
        overrides=overrides,
        log_dir=tmp_path,
        ready=lambda: answers(f"http://127.0.0.1:{metrics_port}/metrics"),
    )
    api = Api(stack, tmp_path, *overrides, "kafka.prefix=", "kafka.item_partitions=1")
    click = {"event_id": "e1", "user_id": "u1", "item_id": "i1", "ts": int(time.time() * 1000)}

    with worker, api:
        with Producer.of(settings.kafka) as producer:
            producer.send("clicks", click)
        posted = api.ask(
            "/v1/events", "POST", {"topic": "clicks", "value": {**click, "event_id": "e2", "item_id": "i2"}}
        )
        held = wait_for("both events", lambda: history(api) == {"i1", "i2"} and history(api))
        logs = worker.log.read_text() + api.service.log.read_text()

    assert posted.status == 202
    assert held == {"i1", "i2"}
    assert PASSWORD not in logs and ACL_PASSWORD not in logs
    with redis.Redis.from_url(stack.redis_url) as client:
        assert client.get(Keys.of(load(overrides=["redis.prefix=sec"])).profile("u1"))


def history(api: Api) -> set[str]:
    answer = api.ask("/v1/users/u1")
    assert answer.status in (200, 404), answer.body
    return {entry["item_id"] for entry in json.loads(answer.body).get("history", [])}


def test_a_wrong_password_no_certificate_and_a_server_that_nobody_vouches_for_are_refused(
    secured: list[str], tmp_path: Path
) -> None:
    stranger = make_certificate(tmp_path).certificate
    guess, password = {"FRESHET_KAFKA__SASL_PASSWORD": "a-guess"}, {"FRESHET_KAFKA__SASL_PASSWORD": PASSWORD}

    attempts = [
        ([], password),
        (["kafka.sasl_mechanism=SCRAM-SHA-256"], password),
        ([], guess),
        (["kafka.sasl_mechanism=SCRAM-SHA-256"], guess),
        ([f"kafka.ssl_ca_file={stranger}"], password),
        (["kafka.ssl_cert_file=", "kafka.ssl_key_file="], password),
    ]
    with ThreadPoolExecutor() as pool:  # a refusal takes seconds of waiting
        plain, scram, *refused = pool.map(lambda a: dead_letters([*secured, *a[0]], a[1]), attempts)

    for ended in (plain, scram):
        assert ended.returncode == 0, ended.stderr
    for ended in refused:
        assert ended.returncode == 2
        assert "no Kafka at 127.0.0.1:" in ended.stderr and "see kafka.bootstrap" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert "a-guess" not in ended.stderr and PASSWORD not in ended.stderr


def dead_letters(overrides: list[str], secrets: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A command that only reads, in a process of its own."""
    command = [sys.executable, "-m", "freshet.cli", "dead-letters", "list", *set_arguments(overrides)]
    environ = {**os.environ, **secrets}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ)


def test_a_user_without_rights_cannot_start_reading(
    secured: list[str], stack: LocalStack, tmp_path: Path
) -> None:
    """An ACL that leaves out other prefixes: the API answers 503, and does not crash."""
    told: list[Any] = [
        *secured,
        "redis.prefix=other",
        f"redis.password={ACL_PASSWORD}",
        f"kafka.sasl_password={PASSWORD}",
    ]
    with Api(stack, tmp_path, *told) as api:
        answer = api.ask("/v1/users/u1/recommendations")

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
