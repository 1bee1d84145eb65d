"""docker-compose.yml: by the Compose Specification, and by what the project really has.

Each law is one line of `problems`, and each has a row here that breaks it.
"""

import copy
import importlib.util
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from deploy.compose import COMPOSE, checked_address
from deploy.dockerfile import health_check, stages
from jsonschema import Draft201909Validator

from freshet.cli import COMMANDS
from freshet.settings import SettingError, load

ROOT = Path(__file__).parents[2]
SCHEMA = Draft201909Validator(json.loads(Path(__file__).with_name("compose-spec.json").read_text()))
TARGETS = stages((ROOT / "Dockerfile").read_text())
PORTS = {"kafka": 9092, "prometheus": 9090, "grafana": 3000, "redis": 6379}  # of images that are not ours


def problems(compose: dict[str, Any]) -> list[str]:
    """Every law that this file breaks, in a sentence each."""
    found = [f"{error.json_path}: {error.message[:80]}" for error in SCHEMA.iter_errors(compose)]
    services = compose["services"]
    for name, service in services.items():
        found += [f"{name}: {sentence}" for sentence in _any_service(service, compose)]
        if "build" in service:
            found += [f"{name}: {sentence}" for sentence in _our_service(name, service, services)]
    return found


def _any_service(service: dict[str, Any], compose: dict[str, Any]) -> Iterator[str]:
    for must in ("healthcheck", "restart", "mem_limit", "image"):
        if must not in service:
            yield f"no {must}"
    if "build" not in service and "test" not in service.get("healthcheck", {}):
        yield "no test of its health"
    for other in service.get("depends_on", {}):
        if other not in compose["services"]:
            yield f"waits for {other}, which is no service"
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith(".") and not (ROOT / source).exists():
            yield f"mounts {source}, which does not exist"
        if not source.startswith(".") and source not in compose["volumes"]:
            yield f"mounts {source}, which is no volume"
    for port in service.get("ports", []):
        if not re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port):
            yield f"publishes {port}, not the same port on 127.0.0.1"


def _our_service(name: str, service: dict[str, Any], services: dict[str, Any]) -> Iterator[str]:
    command, target = service["command"][0], service["build"]["target"]
    if command not in COMMANDS or not importlib.util.find_spec(f"freshet.cli.{command}"):
        yield f"{command} is no command"
    if target not in TARGETS:
        yield f"{target} is no target of the Dockerfile"
    try:
        settings = load(env=service.get("environment", {}))
    except SettingError as error:
        yield str(error).partition(";")[0]
        return
    port, path = checked_address(settings, name)
    if f"http://127.0.0.1:{port}{path}" not in " ".join(health_check(TARGETS, target)):
        yield f"its health is not asked at :{port}{path}"
    for published in service.get("ports", []):
        if not published.endswith(f":{settings.api.port}"):
            yield f"publishes {published}, where nobody listens"
        if settings.api.host != "0.0.0.0":
            yield f"listens on {settings.api.host} of its container alone"
    if command == "api" and not any(
        volume == f"keys:{Path(settings.api.keys_file).parent}" for volume in service.get("volumes", [])
    ):
        yield "its keys are in no volume"
    if not any(volume == f"models:{settings.refresh.models_dir}" for volume in service.get("volumes", [])):
        yield f"{settings.refresh.models_dir} is not the shared volume"
    broker = services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    if f"://{settings.kafka.bootstrap}" not in broker:
        yield f"Kafka is not at {settings.kafka.bootstrap}"
    redis = urlsplit(settings.redis.url)
    if redis.hostname not in services or redis.port != PORTS["redis"]:
        yield f"Redis is not at {settings.redis.url}"


def test_the_file_breaks_no_law() -> None:
    assert problems(COMPOSE) == []


def edit(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Set (or, with None, remove) what services.PATH names."""

    def change(compose: dict[str, Any]) -> None:
        *where, last = path.split(".")
        place = compose["services"]
        for key in where:
            place = place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return change


BREAKS = [
    ("redis.restrat", "always", "$.services.redis: 'restrat' does not match"),
    ("worker.depends_on.redis.condition", "healthy", "$.services.worker.depends_on: "),
    ("kafka.healthcheck", None, "kafka: no healthcheck"),
    ("redis.healthcheck", {"interval": "5s"}, "redis: no test of its health"),
    ("refresh.restart", None, "refresh: no restart"),
    ("api.mem_limit", None, "api: no mem_limit"),
    ("grafana.depends_on", ["prom"], "grafana: waits for prom, which is no service"),
    (
        "prometheus.volumes",
        ["./monitoring/rules.yml:/r.yml"],
        "prometheus: mounts ./monitoring/rules.yml, which",
    ),
    ("grafana.volumes", ["graphs:/var/lib/grafana"], "grafana: mounts graphs, which is no volume"),
    ("api.ports", ["8080:8080"], "api: publishes 8080:8080, not the same port on 127.0.0.1"),
    ("api.ports", ["127.0.0.1:80:80"], "api: publishes 127.0.0.1:80:80, where nobody listens"),
    ("api.environment.FRESHET_API__HOST", "127.0.0.1", "api: listens on 127.0.0.1 of its container alone"),
    ("api.environment.FRESHET_API__KEYS_FILE", "/tmp/keys.json", "api: its keys are in no volume"),
    ("worker.command", ["wroker"], "worker: wroker is no command"),
    ("worker.build.target", "wroker", "worker: wroker is no target of the Dockerfile"),
    ("worker.environment.FRESHET_KAFKA__BOOTSTARP", "kafka:1", "worker: unknown setting FRESHET_KAFKA__BOO"),
    ("worker.environment.FRESHET_KAFKA__BOOTSTRAP", "kafka:29092", "worker: Kafka is not at kafka:29092"),
    (
        "worker.environment.FRESHET_REDIS__URL",
        "redis://cache:6379/0",
        "worker: Redis is not at redis://cache",
    ),
    ("worker.environment.FRESHET_WORKER__METRICS_PORT", "9100", "worker: its health is not asked at :9100/m"),
    ("refresh.environment.FRESHET_REFRESH__MODELS_DIR", "/m", "refresh: /m is not the shared volume"),
]


@pytest.mark.parametrize(("path", "value", "sentence"), BREAKS)
def test_a_file_that_breaks_a_law_is_found_out(path: str, value: Any, sentence: str) -> None:
    broken = copy.deepcopy(COMPOSE)
    edit(path, value)(broken)

    assert any(sentence in problem for problem in problems(broken)), problems(broken)


def test_the_ports_of_other_images_are_theirs() -> None:
    for name, service in COMPOSE["services"].items():
        if "build" not in service:
            assert service.get("ports", []) in ([], [f"127.0.0.1:{PORTS[name]}:{PORTS[name]}"])
    listeners = COMPOSE["services"]["kafka"]["environment"]["KAFKA_LISTENERS"]
    check = " ".join(COMPOSE["services"]["kafka"]["healthcheck"]["test"])
    port = re.findall(r"/dev/tcp/127.0.0.1/(\d+)", check)

    assert f"HOST://:{PORTS['kafka']}" in listeners
    assert f"INSIDE://:{port[0]}" in listeners


def test_images_are_pinned() -> None:
    images = [service["image"] for service in COMPOSE["services"].values() if "build" not in service]

    assert [image for image in images if not re.search(r":v?\d+\.\d+", image)] == []
