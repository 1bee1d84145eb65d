"""How every client reaches Kafka and Redis: one place for addresses, TLS, names and passwords."""

import ssl
from typing import Any, TypedDict, cast
from urllib.parse import urlsplit, urlunsplit

import redis
import redis.asyncio
from redis.asyncio.connection import parse_url

from freshet.security.clusters import Address, Cluster, ThreadCluster
from freshet.security.secret import Secret, secret_of, without_password
from freshet.settings import Kafka, Redis, SettingError

ANSWER_S = 5.0
"""Longest wait for an answer of Redis, 1,000 times the usual. A connection whose other side has vanished without a word
would otherwise be waited for as long as the kernel tries: a quarter of an hour."""
_PATIENCE = {"socket_timeout": ANSWER_S, "socket_connect_timeout": ANSWER_S}


class KafkaOptions(TypedDict, total=False):
    """Arguments that kafka-python and aiokafka share."""

    bootstrap_servers: list[str]
    security_protocol: str
    ssl_context: ssl.SSLContext
    sasl_mechanism: str
    sasl_plain_username: str
    sasl_plain_password: str


def kafka_options(settings: Kafka) -> KafkaOptions:
    """For any client of kafka-python or aiokafka. SettingError where a file cannot be read, or a name is missing."""
    options = KafkaOptions(bootstrap_servers=settings.bootstrap.split(","))
    protocol = settings.security_protocol
    if protocol != "PLAINTEXT":
        options["security_protocol"] = protocol
    if protocol.endswith("SSL"):
        options["ssl_context"] = _tls("kafka", settings)
    if protocol.startswith("SASL"):
        password = _password("kafka.sasl_password", settings.sasl_password, settings.sasl_password_file)
        if not settings.sasl_username or not password:
            raise SettingError(
                f"kafka.security_protocol={protocol} needs kafka.sasl_username, and kafka.sasl_password or "
                "kafka.sasl_password_file"
            )
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"], options["sasl_plain_password"] = settings.sasl_username, password
    return options


def redis_options(settings: Redis) -> dict[str, Any]:
    """Arguments beside the address, for redis-py. SettingError where a file cannot be read."""
    options: dict[str, Any] = {}
    if settings.username:
        options["username"] = settings.username
    if password := _password("redis.password", settings.password, settings.password_file):
        options["password"] = password
    if settings.url.startswith("rediss://"):
        for option, file in (
            ("ssl_ca_certs", settings.ssl_ca_file),
            ("ssl_certfile", settings.ssl_cert_file),
            ("ssl_keyfile", settings.ssl_key_file),
        ):
            if file:
                options[option] = file
    return options


def redis_tls(settings: Redis) -> ssl.SSLContext | None:
    """What a plain socket needs for an address with rediss://; None for the others."""
    return _tls("redis", settings) if settings.url.startswith("rediss://") else None


def connect_redis(settings: Redis, **more: Any) -> redis.Redis:
    """A client of the configured Redis, for threads. Of a cluster Freshet asks the same as of one Redis."""
    options = _PATIENCE | redis_options(settings) | more
    if settings.cluster:
        return cast(redis.Redis, ThreadCluster(*_cluster(settings, options)))
    return redis.Redis.from_url(settings.url, **options)


def connect_redis_async(settings: Redis, **more: Any) -> redis.asyncio.Redis:
    """A client of the configured Redis, for an event loop. Transactions: stream/watermarks.py."""
    options = _PATIENCE | redis_options(settings) | more
    if settings.cluster:
        return cast(redis.asyncio.Redis, Cluster(*_cluster(settings, options)))
    return redis.asyncio.Redis.from_url(settings.url, **options)


def _cluster(settings: Redis, options: dict[str, Any]) -> tuple[list[Address], dict[str, Any]]:
    """Addresses, and the options that all its servers share."""
    parts = urlsplit(settings.url)
    who, at, hosts = parts.netloc.rpartition("@")
    each = [parse_url(urlunsplit(parts._replace(netloc=who + at + host))) for host in hosts.split(",")]
    options = options | each[0]
    if options.pop("connection_class", None):
        options["ssl"] = True
    if options.pop("db", 0) or parts.scheme == "unix":
        raise SettingError(
            "redis.cluster needs addresses without a database, such as redis://a:6379,b:6379; got redis.url="
            + without_password(settings.url)
        )
    addresses = [(place.get("host", "localhost"), place.get("port", 6379)) for place in each]
    options.pop("host", None)
    options.pop("port", None)
    return addresses, options


def _tls(section: str, settings: Kafka | Redis) -> ssl.SSLContext:
    """Certificates and host names are checked: there is no setting to leave that out."""
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca_file or None)
        if settings.ssl_cert_file:
            context.load_cert_chain(settings.ssl_cert_file, settings.ssl_key_file or None)
    except (OSError, ssl.SSLError) as error:
        raise SettingError(f"{section}.ssl_*_file cannot be used: {error}") from None
    return context


def _password(name: str, given: Secret, file: str) -> str:
    if given and file:
        raise SettingError(f"{name} and {name}_file are both set; choose one")
    try:
        return secret_of(given, file)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"the password file {file} cannot be read: {error}") from None
