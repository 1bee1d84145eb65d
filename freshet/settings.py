"""Settings: defaults, then `freshet.toml`, then `FRESHET_*`, then `--set`; the last one wins.

A name that does not exist and a value that does not fit stop the start, with the name and what is allowed.
FRESHET_KAFKA__BOOTSTRAP=host:9092 and `--set kafka.bootstrap=host:9092` name the same setting.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta, Struct

from freshet.security.secret import Secret
from freshet.task_settings import DEFAULT_TASKS, TaskSettings
from online_model.encoder.settings import Sharing, Tower
from online_model.settings import ModelSettings

Positive = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]
Days = Annotated[float, Meta(gt=0, le=36_500)]
Origins = Annotated[str, Meta(pattern=r"^(https?://[^\s/,*]+(,https?://[^\s/,*]+)*)?$")]


class SettingError(ValueError):
    """A setting that does not exist or does not fit. Its text names it and says what is allowed."""


class Kafka(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    bootstrap: str = "127.0.0.1:9092"
    prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]*$", max_length=100)] = (
        ""  # before every topic's name
    )
    partitions: Annotated[int, Meta(ge=1, le=1024)] = (
        4  # workers can share at most this many; fixed once made
    )
    item_partitions: Annotated[int, Meta(ge=1, le=1024)] = 1  # one owner folds 5,000 events/s into item rows
    replication: Annotated[int, Meta(ge=1, le=10)] = 1
    group: str = "freshet-worker"
    events_days: Days = 30  # how long the log keeps what shoppers did: as far back can state be rebuilt
    signals_days: Days = 7
    examples_days: Days = 14
    dead_letters_days: Days = 30
    session_timeout_s: Seconds = 6  # a dead worker's partitions move after this; heartbeats are a twentieth
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    sasl_username: str = ""
    sasl_password: Secret = Secret()  # by environment: others on the machine can read command lines
    sasl_password_file: str = ""  # or from here: its first line
    ssl_ca_file: str = ""  # who may vouch for the brokers; the system's authorities without it
    ssl_cert_file: str = ""  # our own certificate, for brokers that ask for one
    ssl_key_file: str = ""


class Redis(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    url: str = "redis://127.0.0.1:6379/0"
    cluster: bool = False  # a Redis Cluster; url then names some of its servers, redis://a:6379,b:6379
    prefix: Annotated[str, Meta(pattern=r"^[^{}]{1,32}$")] = "fr"  # braces say where a key lies on a cluster
    username: str = ""  # an ACL user; these stand beside a url without name and password
    password: Secret = Secret()
    password_file: str = ""
    ssl_ca_file: str = ""  # for rediss:// addresses
    ssl_cert_file: str = ""
    ssl_key_file: str = ""
    user_ttl_s: Positive = 90 * 86_400
    item_ttl_s: Positive = 30 * 86_400


class Worker(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    batch_events: Positive = 200  # most at once: about 50 ms of work, half of the freshness promise
    linger_s: Seconds = 0.01  # the first event of a batch waits so long for company: a tenth of the promise
    behind_events: Positive = 1_000  # half a second of work: when more wait, most lists are put off
    profiles_cached: Positive = 50_000  # 15 kB each when full; also the most whose list can be put off
    flush_s: Seconds = 1.0  # item rows and heads travel to Redis this often; a crash replays as much
    metrics_port: Annotated[int, Meta(ge=0, le=65_535)] = 9101
    web_port: Annotated[int, Meta(ge=1, le=65_535)] = 6066  # Faust's own, asked by nothing of ours


class Api(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 8080
    workers: Positive = 1
    redis_timeout_s: Seconds = 0.25
    keys_file: str = ""  # API keys (`freshet keys`); without one the API listens on loopback only
    cors_origins: Origins = (
        ""  # web pages that may ask from a browser, such as "https://shop.example", with commas
    )


class Refresh(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    every_s: Seconds = 3600
    models_dir: str = ".freshet/models"
    window_examples: Positive = 50_000  # the newest it trains on: 150 MB of memory, 20 s of one core
    min_examples: Positive = 500  # below this there is nothing to learn a shared space from
    epochs: Positive = 3
    dim: Annotated[int, Meta(ge=4, le=512)] = 32
    user_tower: Tower = "mean"  # how a shopper's past is read
    sharing: Sharing = "shared-bottom"  # what tasks share (docs/encoder.md)
    drift_delta: Annotated[float, Meta(gt=0, lt=1)] = 0.002  # ADWIN's chance of a refresh without a change
    keep: Positive = 5  # artifacts kept for rollback
    metrics_port: Annotated[int, Meta(ge=0, le=65_535)] = 9102


class Privacy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pseudonym_key: Secret = (
        Secret()
    )  # set: users' ids are hashed with it before they are sent, stored or looked up
    pseudonym_key_file: str = ""


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    kafka: Kafka = Kafka()
    redis: Redis = Redis()
    worker: Worker = Worker()
    api: Api = Api()
    refresh: Refresh = Refresh()
    privacy: Privacy = Privacy()
    model: ModelSettings = ModelSettings()
    tasks: tuple[TaskSettings, ...] = DEFAULT_TASKS

    @property
    def pair_tasks(self) -> tuple[TaskSettings, ...]:
        """Those that are about a shopper and an item: the columns of every list, in this order."""
        return tuple(task for task in self.tasks if task.per == "pair")


ENV_PREFIX = "FRESHET_"
NOT_SETTINGS = {"FRESHET_CONFIG", "FRESHET_CACHE"}  # where to find the file and the jars


def load(
    *,
    file: Path | None = None,
    env: Mapping[str, str] | None = None,
    overrides: Iterable[str] = (),
) -> Settings:
    """The settings in force. overrides: `section.name=value`, as `--set` takes them. Raises SettingError."""
    tree: dict[str, Any] = {}
    if file is not None:
        try:
            tree = tomllib.loads(file.read_text())
        except FileNotFoundError:
            raise SettingError(f"the settings file {file} does not exist") from None
        except OSError as error:
            raise SettingError(f"the settings file {file} cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SettingError(f"{file} is not TOML: {error}") from None
    for name, value in sorted((env or {}).items()):
        if name.startswith(ENV_PREFIX) and name not in NOT_SETTINGS:
            path = name.removeprefix(ENV_PREFIX).lower().split("__")
            _put(tree, path, value, said=name)
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise SettingError(f"--set takes section.name=value; got {override!r}")
        _put(tree, key.strip().split("."), value, said=key.strip())
    try:
        settings = msgspec.convert(tree, Settings, strict=False, dec_hook=_secret)
    except msgspec.ValidationError as error:
        raise SettingError(_explain(error)) from None
    names = [task.name for task in settings.tasks]
    if len(set(names)) < len(names) or not names:
        raise SettingError(f"tasks must have different names, and there must be one; got {names}")
    return settings


def shown(settings: Settings) -> dict[str, Any]:
    """The settings as plain values, secrets masked."""
    plain: dict[str, Any] = msgspec.to_builtins(settings, enc_hook=str)
    return plain


def known() -> list[str]:
    """Every `section.name` there is."""
    hints = get_type_hints(Settings)
    return [
        f"{section}.{field}"
        for section in hints
        if section != "tasks"
        for field in hints[section].__struct_fields__
    ]


def _put(tree: dict[str, Any], path: list[str], value: str, *, said: str) -> None:
    if ".".join(path) not in known() and path[0] != "tasks":
        raise SettingError(f"unknown setting {said}; known: {', '.join(known())}")
    if path[0] == "tasks":
        tree["tasks"] = _json(value, said)
    else:
        tree.setdefault(path[0], {})[path[1]] = value


def _secret(kind: type, value: Any) -> Any:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise ValueError("Expected a text in quotes")  # the value itself is not told


def _json(value: str, said: str) -> Any:
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise SettingError(f"{said} takes a JSON list of tasks: {error}") from None


def _explain(error: msgspec.ValidationError) -> str:
    """Name, value wanted and default of the setting that msgspec points at (`… - at `$.kafka.partitions``)."""
    text, _, place = str(error).partition(" - at `$.")
    name = place.rstrip("`")
    section, _, field = name.partition(".")
    defaults = getattr(Settings(), section, None)
    if hasattr(defaults, field):
        return f"{name}: {text}; such as {name}={getattr(defaults, field)}"
    return f"{name or 'settings'}: {text}; known: {', '.join(known())}"
