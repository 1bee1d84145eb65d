"""Whether Redis lost data: until it is as full as before, what is not there is not known rather than nothing.

Watermarks only rise, unless Redis was emptied, put back to an older state, or its state is made anew. The workers
notice and fold the log again. It is as before when the watermarks are where they were, or at the end of a log that is
shorter now.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from redis.asyncio import Redis

from freshet.contract import blobs
from freshet.contract.keys import Keys
from freshet.contract.progress import unpack_progress
from freshet.contract.topics import ITEM_SIGNALS, ITEMS, USER_TOPICS
from freshet.contract.torn import UNREADABLE
from freshet.settings import Kafka
from serving.log_ends import NoLog, log_ends

log = logging.getLogger(__name__)

LOOK_S = 1.0  # between two looks while nothing is missing
RECENT_S = 0.05  # a look from so long ago will do for a shopper nobody has heard of
ENDS_S = (
    10.0  # so long into it, and so often, the ends of the logs are asked for: they may have been made anew
)

Place = tuple[str, int]  # topic, partition


class Refill:
    """going_on: as of the last look. due: when another is wanted, and overdue when nothing is answered before one.

    ends: for each of `places` the end of its log; NoLog when Kafka does not answer.
    """

    def __init__(
        self,
        redis: Redis,
        keys: Keys,
        places: Sequence[Place],
        ends: Callable[[Sequence[Place]], Sequence[int]],
    ) -> None:
        self._redis, self._places, self._ends = redis, list(places), ends
        self._names = [keys.watermark(*place) for place in places]
        self._before = [0] * len(self._places)  # where the watermarks were when last nothing was missing
        self._looking: asyncio.Task[None] | None = None
        self._looked = self._ends_due = 0.0
        self.going_on, self.due = False, 0.0

    @property
    def overdue(self) -> float:
        return self.due + LOOK_S

    def look_beside(self) -> None:
        """Look without anybody waiting for it."""
        self.due = time.monotonic() + LOOK_S
        if self._looking is None:
            self._look_now().add_done_callback(lambda task: task.cancelled() or task.exception())

    async def look(self, since: float) -> bool:
        """Whether it goes on, as of that moment of the monotonic clock or later. Raises what Redis raises when it does
        not answer.
        """
        while self._looked < since:
            await asyncio.shield(self._looking or self._look_now())
        return self.going_on

    def _look_now(self) -> asyncio.Task[None]:
        self._looking = asyncio.get_running_loop().create_task(self._look())
        self._looking.add_done_callback(lambda _: setattr(self, "_looking", None))
        return self._looking

    async def _look(self) -> None:
        began = time.monotonic()
        stored = await blobs.get_many(self._redis, self._names)
        self._looked, self.due = began, began + LOOK_S
        now = [_offset(topic, value) for (topic, _), value in zip(self._places, stored, strict=True)]
        behind = [n for n, (is_, was) in enumerate(zip(now, self._before, strict=True)) if is_ < was]
        if not behind:
            if self.going_on:
                log.warning("Redis is as full as before: answers are not marked stale any more")
            self._before, self.going_on = now, False
            return
        if not self.going_on:
            place = self._places[behind[0]]
            log.error(
                "Redis lost data: it reflects %s[%d] up to %d, and did up to %d; answers are from memory and marked "
                "stale, or 503, until the workers have folded the log again",
                *place,
                now[behind[0]],
                self._before[behind[0]],
            )
            self.going_on, self._ends_due = True, began + ENDS_S
        if began >= self._ends_due:
            self._ends_due = began + ENDS_S
            await self._lower(behind)

    async def _lower(self, behind: Sequence[int]) -> None:
        """Nobody gets further than a log's end."""
        try:
            ends = await asyncio.to_thread(self._ends, [self._places[n] for n in behind])
        except NoLog as error:
            log.warning("Kafka does not say where the logs end: %s", error)
            return
        for n, end in zip(behind, ends, strict=True):
            self._before[n] = min(self._before[n], end)


def refill_of(redis: Redis, keys: Keys, settings: Kafka) -> Refill:
    """Of all that the workers fold into what lookups read."""
    users = [(topic.name, p) for topic in USER_TOPICS for p in range(settings.partitions)]
    items = [(topic.name, p) for topic in (ITEMS, ITEM_SIGNALS) for p in range(settings.item_partitions)]
    return Refill(redis, keys, users + items, lambda places: log_ends(settings, places))


def _offset(topic: str, value: bytes | None) -> int:
    """0 for what cannot be read: its worker begins there too."""
    try:
        return unpack_progress(value).next_offset if topic == ITEM_SIGNALS.name else int(value or 0)
    except UNREADABLE:
        return 0
