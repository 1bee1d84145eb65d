"""For those who start, watch and replace processes."""

from typing import Literal

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from serving.problem import Problem, retry_after
from serving.reads import AWAY, RedisAway
from serving.routing import Reply, Request, Route
from serving.services import Services
from serving.state import NO_ENCODER

RETRY = retry_after(1)


class Health(msgspec.Struct):
    status: Literal["up"] = "up"


class Ready(msgspec.Struct):
    """encoder: the version that serves, "none" before the first refresh."""

    status: Literal["ready"]
    encoder: str


async def health(request: Request, services: Services) -> Health:
    """200 as long as the process runs; it asks nobody else."""
    return Health()


async def ready(request: Request, services: Services) -> Ready:
    """200 when Redis answers and a worker has written to it; 503 says what is missing."""
    keys = services.keys
    signs = [
        keys.model(),
        keys.heads(NO_ENCODER),
        *map(keys.tops, range(services.settings.kafka.item_partitions)),
    ]
    try:
        found = await services.redis.exists(*signs)
    except AWAY as error:
        raise Problem(503, f"Redis does not answer: {type(error).__name__}", RETRY) from None
    if not found:
        raise Problem(
            503,
            f"Redis holds no model and no trends under the prefix {keys.prefix!r}: no worker has learned yet "
            "(freshet worker), or redis.prefix differs",
            RETRY,
        )
    return Ready("ready", (await services.model.get()).value.encoder)


async def metrics(request: Request, services: Services) -> Reply:
    """This machine's API processes together, in Prometheus' text format."""
    shown = services.metrics.model
    try:
        encoder = (await services.model.get()).value.encoder
    except RedisAway:
        encoder = ""
    shown.clear()
    if encoder:
        shown.labels(encoder).set(1)
    return Reply(200, CONTENT_TYPE_LATEST, generate_latest(services.metrics.registry))


HEALTH = Route("GET", "/healthz", health, Health, example=Health(), scope=None)
READY = Route("GET", "/readyz", ready, Ready, example=Ready("ready", "none"), scope=None)
METRICS = Route("GET", "/metrics", metrics, "text/plain", scope=None)
