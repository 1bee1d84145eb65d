"""The refresh process's loop: on schedule, or when somebody asks."""

import logging
import os
import time

import redis
from prometheus_client import start_http_server
from redis.exceptions import RedisError

from freshet.contract.keys import Keys
from freshet.settings import Settings
from stream.refresh.metrics import RefreshMetrics
from stream.refresh.round import one_round

log = logging.getLogger(__name__)

ASKED = "refresh_asked"  # the field of the model hash by which a round is asked for now
LOOK_S = 1.0
NICE = 10  # scoring goes first: whoever is served must not notice a training beside it


def run(settings: Settings) -> None:
    """Until the process is told to stop. A round that fails is logged and counted; the next one is tried."""
    os.nice(NICE)
    client, metrics = redis.Redis.from_url(settings.redis.url), RefreshMetrics()
    if settings.refresh.metrics_port:
        start_http_server(settings.refresh.metrics_port, registry=metrics.registry)
    key, due = Keys(settings.redis.prefix).model(), time.monotonic() + settings.refresh.every_s
    while True:
        time.sleep(LOOK_S)
        try:
            if time.monotonic() < due and not client.hdel(key, ASKED):
                continue
            with metrics.train.time():
                outcome = one_round(settings, client)
        except RedisError as error:
            log.warning("Redis does not answer: %s", error)
            continue
        except Exception:
            log.exception("the round failed; what serves stays")
            metrics.rounds.labels("failed").inc()
        else:
            log.warning("%s: %s", outcome.kind, outcome.said)
            metrics.rounds.labels(outcome.kind).inc()
            if outcome.manifest:
                metrics.show(outcome.manifest)
        due = time.monotonic() + settings.refresh.every_s
