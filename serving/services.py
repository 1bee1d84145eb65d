"""What the calls share: settings, readers of Redis, and the caches, made once for each process."""

import itertools
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from freshet.contract import blobs
from freshet.contract.torn import Salvage
from freshet.security.connections import connect_redis_async
from freshet.security.pseudonyms import front_keys, pseudonyms_of
from freshet.settings import Settings
from serving.blend import Weighing
from serving.event_log import EventLog
from serving.item_map import kept_map
from serving.metrics import ApiMetrics
from serving.reads import Reads
from serving.refill import refill_of
from serving.scoring import Scorer
from serving.segments import kept_segments
from serving.state import served_model
from serving.task_scores import TaskScores
from serving.trending import Trending
from serving.wire import Wire

REMEMBERED = 10_000  # lists that outlive Redis, of the shoppers seen last: 1.2 kB each


class Services:
    """Made in the event loop that serves, closed with it. reference: makes the OpenAPI document."""

    def __init__(
        self, settings: Settings, metrics: ApiMetrics, reference: Callable[[], dict[str, Any]]
    ) -> None:
        self.settings, self.metrics, self.reference = settings, metrics, reference
        self.keys, self.pseudonyms = front_keys(settings), pseudonyms_of(settings.privacy)
        self.redis = connect(settings)
        # Over a socket file, and on a cluster, redis-py does it all.
        one = not (settings.redis.cluster or settings.redis.url.startswith("unix://"))
        self._wire = Wire(settings.redis, settings.api.redis_timeout_s) if one else None
        fetch = self._wire.get if self._wire else partial(blobs.get, self.redis)
        self.salvage = salvage = Salvage(lambda what: metrics.torn.inc((what,)))
        refill = refill_of(self.redis, self.keys, settings.kafka)
        self.reads = Reads(
            self.redis,
            fetch,
            most=REMEMBERED,
            salvage=salvage,
            refill=refill,
            on_failure=metrics.redis_failures.inc,
        )
        self.trending = Trending(self.redis, self.keys, settings.kafka.item_partitions, salvage, refill)
        self.segments = kept_segments(self.redis, self.keys, salvage, refill)
        self.model = served_model(self.redis, self.keys, salvage, refill)
        self.scorer = Scorer(settings, self.reads, self.keys, self.model, self.trending)
        self.item_map = kept_map(self.reads, self.keys, self.trending, self.scorer, refill)
        self.events = EventLog(settings.kafka)
        self.weighing = Weighing({task.name: task.weight for task in settings.pair_tasks})
        self.scores = TaskScores(settings.pair_tasks)
        self._ids = itertools.count()
        self._started = f"{os.getpid():x}-{time.time_ns() // 1_000_000:x}-"

    def request_id(self) -> str:
        """A name that no other request has, in any process."""
        return self._started + format(next(self._ids), "x")

    async def close(self) -> None:
        await self.events.close()
        if self._wire:
            self._wire.close()
        await self.redis.aclose()


def connect(settings: Settings) -> Redis:
    """A client that gives up in time and tries a connection that broke once more: Redis may have restarted."""
    timeout_s = settings.api.redis_timeout_s
    return connect_redis_async(
        settings.redis,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )
