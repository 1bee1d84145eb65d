"""Partitions come and go: before, what was folded is stored; after, all begins from the watermarks in Redis."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

import faust

from freshet.contract.keys import Keys
from freshet.contract.progress import VERSION
from freshet.contract.topics import ERASURES, EXAMPLES, ITEM_SIGNALS
from freshet.contract.torn import TornState
from stream.intake import Record
from stream.items import Items
from stream.learner import Learner
from stream.metrics import WorkerMetrics
from stream.patience import PASSING
from stream.shoppers import Shoppers
from stream.together import together
from stream.turns import GRACE_S, Turns
from stream.watermarks import Moved, Place, Watermarks

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 1.0  # until state that could not be used is looked at again


class Unusable(Exception):
    """The log does not fit the stored state. Its text says where, and what to do."""


class Takeover:
    """A turn begins from the stored watermarks: if Redis lost data they are behind the group's offsets, and the log is
    read again. What is in memory lives on where it is whole and its watermark is as this worker left it.
    """

    def __init__(
        self,
        app: faust.App,
        prefix: str,
        keys: Keys,
        watermarks: Watermarks,
        parts: tuple[Shoppers, Items, Learner],
        metrics: WorkerMetrics,
    ) -> None:
        self.turns = Turns()
        self._app, self._prefix, self._keys, self._watermarks = app, prefix, keys, watermarks
        self._shoppers, self._items, self._learner = parts
        self._metrics = metrics
        self._unflushed: list[Any] = []
        self._said = ""  # why this worker waits
        self._next: dict[tuple[str, int], int] = {}  # of each log, while a turn lasts
        app.on_partitions_revoked.connect(self._let_go, weak=False)
        app.on_rebalance_complete.connect(self._resume, weak=False)

    def see(self, records: list[Record]) -> None:
        """Raises Moved where a log goes back: it was made anew, or its broker lost data."""
        for topic, partition, offset, *_ in records:
            due = self._next.get((topic, partition), 0)
            if offset < due:
                raise Moved(f"{topic}[{partition}] had come to {due:,} and brings {offset:,}")
            self._next[topic, partition] = offset + 1

    def waiting(self) -> dict[str, int]:
        """Topic → messages that are in Kafka, as far as is known without asking, and not yet worked on."""
        consumer: Any = self._app.consumer
        found: dict[str, int] = {}
        for tp in consumer.assignment():
            topic = tp.topic.removeprefix(self._prefix)
            end, due = consumer.highwater(tp) or 0, self._next.get((topic, tp.partition), 0)
            found[topic] = found.get(topic, 0) + max(0, end - due)
        return found

    def hold(self, events: list[Any]) -> None:
        """Acknowledge these once what was folded is stored."""
        self._unflushed.extend(events)

    async def flush(self) -> None:
        """Store what the items and learner agents have folded, then acknowledge it. Raises Moved."""
        done, self._unflushed = self._unflushed, []
        await self._items.flush()
        await self._learner.flush()
        for event in done:
            event.ack()

    def begin_again(self, turn: int, moved: Moved) -> None:
        """What is in memory is not what is stored: forget it, by joining the group anew."""
        if turn != self.turns.number:
            return  # it has been forgotten meanwhile
        log.error(
            "%s: another worker took over, or Redis lost data; this one goes back to what is stored", moved
        )
        self._metrics.begun_again.inc()
        self.turns.whole = False
        self.turns.close()
        self._join_anew(self.turns.number)

    def _join_anew(self, turn: int) -> None:
        """Whatever partitions we are given, we then begin from what is stored."""
        if turn != self.turns.number:
            return
        consumer: Any = self._app.consumer
        thread = consumer._thread  # Faust has no call for it
        thread.thread_loop.call_soon_threadsafe(thread._consumer._coordinator.request_rejoin)

    async def _let_go(self, *_: Any, **__: Any) -> None:
        """Before a rebalance: whoever takes a partition over finds in Redis all that was folded here."""
        consumer: Any = self._app.consumer
        consumer.starts = {}
        await self.turns.end()
        try:
            await asyncio.wait_for(self.flush(), GRACE_S)
        except (Moved, TimeoutError):
            self.turns.whole = False  # it is folded again from the log

    async def _resume(self, *_: Any, **__: Any) -> None:
        """Read on where the stored state ends, be it behind the group's offset or ahead."""
        await self.turns.end()
        consumer: Any = self._app.consumer
        turn = self.turns.number
        try:
            starts = await self._begin()
            await consumer.rest()
        except (*PASSING, Unusable, ValueError) as error:
            if str(error) != self._said:
                self._said = str(error)
                log.error("this worker waits, what was stored last goes on serving: %s", error)
            self._metrics.refused.labels("state").set(not isinstance(error, PASSING))
            asyncio.get_running_loop().call_later(LOOK_AGAIN_S, self._join_anew, turn)
            return
        if turn == self.turns.number:
            consumer.starts, self._said = starts, ""
            self._metrics.refused.labels("state").set(0)
            self.turns.begin()

    async def _begin(self) -> dict[Any, int]:
        """Where the stored state ends, of each partition."""
        self._unflushed.clear()
        if not self.turns.whole:
            self._watermarks.forget()
            self._items.forget()
            self._learner.let_go()
        self.turns.whole = False
        consumer: Any = self._app.consumer
        held = {tp: (tp.topic.removeprefix(self._prefix), tp.partition) for tp in consumer.assignment()}
        keys = {place: self._keys.watermark(*place) for place in held.values()}
        stored, as_left = await self._watermarks.take(keys.values())
        unmoved = {place for place, key in keys.items() if key in as_left}
        people = {p for topic, p in keys if topic == ERASURES.name}
        signals = {p: stored[key] for (topic, p), key in keys.items() if topic == ITEM_SIGNALS.name}
        _, items, examples = await together(
            self._shoppers.resume(people, unmoved),
            self._resume_items(signals, unmoved),
            self._resume_learner((EXAMPLES.name, 0) in keys, unmoved),
        )
        offsets = {}
        for tp, (topic, partition) in held.items():
            if topic == ITEM_SIGNALS.name:
                offsets[tp] = items[partition]
            elif topic == EXAMPLES.name:
                offsets[tp] = examples
            else:
                key = keys[topic, partition]
                offsets[tp] = self._offset(key, stored[key])
        await self._check_ends(offsets)
        self._next = {held[tp]: offset for tp, offset in offsets.items()}
        return offsets

    async def _resume_items(self, signals: dict[int, bytes | None], unmoved: set[Place]) -> dict[int, int]:
        for partition, value in signals.items():
            if value and value[0] != VERSION:
                key = self._keys.watermark(ITEM_SIGNALS.name, partition)
                raise Unusable(
                    f"{key} is of version {value[0]}, and this program reads version {VERSION}: run the program that "
                    "wrote it, or make the state anew from the log: `freshet rebuild`"
                )
        try:
            return await self._items.resume(signals, unmoved)
        except TornState as error:
            raise Unusable(
                f"the rows of items cannot be told from their log: {error}. Make the state anew: `freshet rebuild`"
            ) from None

    async def _resume_learner(self, mine: bool, unmoved: set[Place]) -> int:
        if mine:
            return await self._learner.resume(unmoved)
        self._learner.let_go()
        return 0

    def _offset(self, key: str, value: bytes | None) -> int:
        """From the beginning where it is torn: profiles carry what they reflect, so nothing counts twice."""
        return self._metrics.salvage.read("watermark", key, lambda: max(0, int(value or 0))) or 0

    async def _check_ends(self, offsets: dict[Any, int]) -> None:
        ends = await self._app.consumer.highwaters(*offsets) if offsets else {}
        short = [
            f"{tp.topic}[{tp.partition}] ends at {ends[tp]:,} and the state reflects {offset:,} of it"
            for tp, offset in offsets.items()
            if offset > ends[tp]
        ]
        if short:
            raise Unusable(
                f"{'; '.join(_few(short))}: the topic was made anew, or the broker lost data. "
                "Restore it, or make the state anew from the log there is: `freshet rebuild`"
            )


def _few(texts: Iterable[str], most: int = 3) -> list[str]:
    texts = list(texts)
    return texts[:most] + ([f"and {len(texts) - most} more"] if len(texts) > most else [])
