"""The items agent's work: what users' events say about items, folded into rows that travel to Redis each second."""

import asyncio
from collections.abc import Iterable
from functools import partial

import msgspec
import numpy as np
from numpy.typing import NDArray
from redis.asyncio import Redis

from freshet.contract import blobs
from freshet.contract.keys import Keys
from freshet.contract.partitioner import partition_of
from freshet.contract.progress import Progress, pack_progress, unpack_progress
from freshet.contract.signals import SEGMENTS_PARTITION, Signal, unpack_signals
from freshet.contract.topics import ITEM_SIGNALS, ITEMS
from freshet.settings import Settings
from online_model.actions import Step
from online_model.demand import ShopDemand
from online_model.item_table import ItemTable
from online_model.segments import Segments, interest
from online_model.tables import HOT, WARM
from stream.commands import Command, set_fields, set_many
from stream.intake import STRANGER, Record
from stream.known_items import KnownItems
from stream.metrics import WorkerMetrics
from stream.ownership import Ownership
from stream.patience import until_done
from stream.watermarks import Place, Watermarks

ROWS_AT_ONCE = 50  # dumped before others have a turn: under a millisecond
_top = msgspec.msgpack.Decoder(list[tuple[str, float]])
OVERALL = ""  # the field of the list over all categories


class Items:
    """Rows are in memory at once (the shoppers agent beside it sees them) and in Redis at the next flush.

    A message is acknowledged after the flush that holds it; what a crash loses is read again from the watermark.
    """

    def __init__(
        self,
        settings: Settings,
        redis: Redis,
        watermarks: Watermarks,
        table: ItemTable,
        known: KnownItems,
        metrics: WorkerMetrics,
    ) -> None:
        self._settings, self._redis, self._table, self._known, self._metrics = (
            settings,
            redis,
            table,
            known,
            metrics,
        )
        self._keys, self._watermarks = Keys.of(settings), watermarks
        self._ownership = Ownership(table, settings.kafka.item_partitions)
        self._progress: dict[int, Progress] = {}
        self._demand: dict[int, ShopDemand] = {}  # of each partition's items
        self._segments = Segments()
        self._lock = asyncio.Lock()  # no row moves while it is being stored
        self._moved: set[int] = set()  # partitions whose watermark has moved since the last flush

    def forget(self) -> None:
        """Hold no partition, and no item in memory: others may have moved all of them on."""
        self._table.forget()
        self._progress, self._demand, self._segments = {}, {}, Segments()
        self._moved.clear()

    async def resume(self, watermarks: dict[int, bytes | None], unmoved: set[Place]) -> dict[int, int]:
        """Hold these partitions, whose watermarks are given: partition → next offset. TornState for a watermark.

        Memory stays when these are the partitions of before, or none again, and nobody else has written them. Rows of
        others' items are then read again before their next use.
        """
        ours = {(topic.name, p) for topic in (ITEM_SIGNALS, ITEMS) for p in watermarks}
        if watermarks.keys() == self._progress.keys() and ours <= unmoved:
            if len(watermarks) < self._settings.kafka.item_partitions:
                self._known.forget_rows()
        else:
            self.forget()
            await self._load(watermarks)
        return {partition: progress.next_offset for partition, progress in self._progress.items()}

    async def _load(self, watermarks: dict[int, bytes | None]) -> None:
        salvage = self._metrics.salvage
        self._progress = {partition: unpack_progress(stored) for partition, stored in watermarks.items()}
        for partition in watermarks:
            demand = await blobs.get(self._redis, self._keys.demand(partition))
            loaded = salvage.read("demand", f"partition {partition}", partial(ShopDemand.load, demand))
            self._demand[partition] = loaded or ShopDemand()
        if SEGMENTS_PARTITION in watermarks:
            stored = await blobs.get_fields(self._redis, self._keys.segments())
            self._segments = Segments.load({int(field): data for field, data in stored.items()})
            if len(self._segments) < len(stored):
                salvage.tell("segments", f"number {len(self._segments)} and up", "damaged")
        await self._known.bring(await self._trending(watermarks))

    async def _trending(self, partitions: Iterable[int]) -> list[str]:
        """The items of the stored lists: with their rows in memory the lists are whole again."""
        names: list[str] = []
        for partition in partitions:
            for packed in (await blobs.get_fields(self._redis, self._keys.tops(partition))).values():
                top = self._metrics.salvage.read(
                    "trends", f"partition {partition}", partial(_top.decode, packed)
                )
                names.extend(name for name, _ in top or ())
        return names

    async def absorb(self, records: list[Record]) -> None:
        """Fold one batch of signals into memory."""
        batch = [(record, self._read(record)) for record in records]
        names = {name for _, signals in batch for signal in signals for name in signal.items()}
        retried = self._metrics.rescued.labels("read").inc
        async with self._lock:
            await until_done("reading items", lambda: self._known.bring(names), retried)
            for record, signals in batch:
                self._absorb(record, signals)
        self._metrics.items_held.set(len(self._table))

    def _read(self, record: Record) -> list[Signal]:
        name = f"partition {record.partition}, offset {record.offset:,}"
        read = partial(unpack_signals, record.value or b"")
        return self._metrics.salvage.read("signals", name, read, STRANGER) or []

    def _absorb(self, record: Record, signals: list[Signal]) -> None:
        progress = self._progress.setdefault(record.partition, Progress())
        if record.offset < progress.next_offset:
            return
        owned = self._ownership.mask(record.partition)
        applied = 0
        for signal in signals:
            if progress.is_new(signal.topic, signal.partition, signal.offset):
                self._learn_demand(record.partition, signal.step, owned)
                if record.partition == SEGMENTS_PARTITION:
                    self._learn_segments(signal.step)
                self._table.absorb(signal.step, owned)
                applied += 1
        self._metrics.signals.labels("applied").inc(applied)
        self._metrics.signals.labels("duplicate").inc(len(signals) - applied)
        progress.next_offset = record.offset + 1
        self._moved.add(record.partition)

    def _learn_demand(self, partition: int, step: Step, owned: NDArray[np.bool_] | None) -> None:
        """The item's levels must be from before the step."""
        if not step.item:
            return
        item = self._table.add(step.item)
        if owned is None or owned[item]:
            known = bool(self._table.stats["first_ts"][item])
            demand = self._demand.setdefault(partition, ShopDemand())
            demand.learn(self._table.levels(item), known, int(step.kind), step.units, step.ts)

    def _learn_segments(self, step: Step) -> None:
        """The shopper's interest is from before the step; of a newcomer, the item's own category."""
        if not step.item:
            return
        before = [self._category(item) for item, _ in step.previous]
        direction = interest(before) if any(before) else interest([self._category(step.item)])
        if direction is not None:
            self._segments.learn(direction, step.item, step.ts)

    def _category(self, item: str) -> str:
        """Its path; an empty one when it is not known."""
        place = int(self._table.stats["category"][self._table.add(item)])
        return self._table.categories.names[place] if place >= 0 else ""

    async def make_room(self) -> None:
        """When memory holds all the items it may, store what changed and forget the coldest."""
        if self._table.full:
            async with self._lock:
                await self._store()
                self._table.evict()

    async def flush(self) -> None:
        """Rows that changed, the lists of what trends, and the watermarks, in one step."""
        async with self._lock:
            await self._store()

    async def _store(self) -> None:
        if not self._moved:
            return
        table = self._table
        changed, rows, values = table.take_dirty(), dict[str, bytes](), dict[str, bytes]()
        for count, place in enumerate(changed):
            rows[self._keys.row(table.vocabulary.names[place])] = table.dump_row(place)
            if count % ROWS_AT_ONCE == ROWS_AT_ONCE - 1:
                await asyncio.sleep(0)
        moved, self._moved = self._moved, set()
        lists = {partition: self._lists(partition, changed) for partition in moved}
        watermarks = {
            self._keys.watermark(ITEM_SIGNALS.name, p): pack_progress(self._progress[p]) for p in moved
        }
        for partition in moved:
            if partition in self._demand:
                values[self._keys.demand(partition)] = self._demand[partition].dump()

        segments = {str(n): self._segments.dump(n) for n in self._segments.take_dirty()}

        life_s = self._settings.redis.item_ttl_s
        commands: list[Command] = [("SET", key, row, "EX", life_s) for key, row in rows.items()]
        commands += set_many(values)
        if segments:
            commands.append(set_fields(self._keys.segments(), segments))
        for partition in moved:
            key = self._keys.tops(partition)
            commands += [set_fields(key, lists[partition]), ("EXPIRE", key, life_s)]

        await until_done(
            "writing items",
            lambda: self._watermarks.write(watermarks, commands),
            self._metrics.rescued.labels("redis").inc,
        )

    def _lists(self, partition: int, changed: set[int]) -> dict[str, bytes]:
        """This partition's part of the list over all, and of the lists of the categories that changed.

        Category → [(item, heat)], hottest first. Heat is a logarithm of a decayed count as of one common time, so
        the parts of several partitions can be merged by it.
        """
        table = self._table
        categories = {int(table.stats["category"][place]) for place in changed} - {-1}
        lists = [
            (OVERALL, None, HOT),
            *((name, name, WARM) for name in map(table.categories.names.__getitem__, categories)),
        ]
        return {
            field: msgspec.msgpack.encode(
                [
                    (item, float(table.heat[heat, table.vocabulary.find(item)]))
                    for item in table.top_names(category)
                    if partition_of(item, self._settings.kafka.item_partitions) == partition
                ]
            )
            for field, category, heat in lists
        }
