"""The refresh process's loop: on schedule, when somebody asks, or when the encoder that serves gets worse."""

import logging
import os
import time
from typing import NamedTuple

import redis
from kafka.errors import KafkaError
from prometheus_client import start_http_server
from redis.exceptions import RedisError

from freshet.contract.keys import Keys
from freshet.security.connections import connect_redis
from freshet.settings import Settings
from stream.refresh.metrics import RefreshMetrics
from stream.refresh.other_shop import OtherShop
from stream.refresh.round import one_round
from stream.refresh.watch import LogWatch

log = logging.getLogger(__name__)

ASKED = "refresh_asked"  # the field of the model hash by which a round is asked for now
LOOK_S = 1.0
NICE = 19  # scoring goes first: whoever is served must not notice a training beside it


AFTER_DRIFT = 4  # times the examples since the change: with the whole window, all of them would be held out


class Reason(NamedTuple):
    """kind: schedule, asked or drift. window_examples: to train on, None for the setting's."""

    kind: str
    said: str
    window_examples: int | None = None


def run(settings: Settings, other: OtherShop | None = None) -> None:
    """Until the process is told to stop; other is for every round. A round that fails is logged and counted; the next
    one is tried."""
    os.nice(NICE)
    client, metrics = connect_redis(settings.redis), RefreshMetrics()
    if settings.refresh.metrics_port:
        start_http_server(settings.refresh.metrics_port, registry=metrics.registry)
    watch, due = LogWatch(settings, client), time.monotonic() + settings.refresh.every_s
    while True:
        time.sleep(LOOK_S)
        try:
            reason = why(settings, client, watch, due - time.monotonic())
        except (RedisError, KafkaError, ValueError) as error:
            log.warning("whether a refresh is due cannot be said: %s", error)
            continue
        if reason is None:
            continue
        try:
            log.warning("a refresh begins, %s: %s", reason.kind, reason.said)
            metrics.begun.labels(reason.kind).inc()
            with metrics.train.time():
                outcome = one_round(settings, client, window_examples=reason.window_examples, other=other)
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


def why(settings: Settings, client: redis.Redis, watch: LogWatch, left_s: float) -> Reason | None:
    """Why to begin a round now, if there is a reason. left_s: until the schedule's next."""
    if client.hdel(Keys.of(settings).model(), ASKED):
        return Reason("asked", "somebody asked for it")
    if left_s <= 0:
        return Reason("schedule", f"{settings.refresh.every_s:,.0f} s have passed")
    drifted = watch.look()
    if drifted:
        most = min(settings.refresh.window_examples, AFTER_DRIFT * drifted.examples)
        return Reason("drift", drifted.said, most)
    return None
