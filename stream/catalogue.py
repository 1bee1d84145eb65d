"""The catalogue agent's work: what the shop says of its items, into memory and Redis."""

import time
from collections.abc import Callable

import msgspec

from freshet.actions import to_description
from freshet.contract.keys import Keys
from freshet.contract.partitioner import partition_of
from freshet.settings import Settings
from online_model.item_table import ItemTable
from stream.commands import Command
from stream.intake import Intake, Record
from stream.metrics import WorkerMetrics
from stream.outbox import KafkaProducer, Message, send_all
from stream.patience import until_done
from stream.watermarks import Watermarks


class Catalogue:
    """The newest message of an item is its description; a tombstone takes it out of every list."""

    def __init__(
        self,
        settings: Settings,
        watermarks: Watermarks,
        producer: Callable[[], KafkaProducer],
        table: ItemTable,
        metrics: WorkerMetrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._watermarks, self._producer, self._clock = settings, watermarks, producer, clock
        self._table, self._metrics = table, metrics
        self._keys = Keys.of(settings)
        self._intake = Intake(settings.kafka)

    async def serve(self, records: list[Record]) -> None:
        """One batch; returns when its effects are stored. Applying a message twice changes nothing."""
        outgoing: list[Message] = []
        descriptions: dict[str, bytes | None] = {}
        now_ms = int(self._clock() * 1000)
        for record in records:
            self._metrics.consumed.labels(record.topic).inc()
            outcome = self._sort(record, outgoing, descriptions, now_ms)
            self._metrics.events.labels(record.topic, outcome).inc()
        await until_done(
            "sending to Kafka",
            lambda: send_all(self._producer(), outgoing),
            self._metrics.rescued.labels("kafka").inc,
        )
        await until_done(
            "writing the catalogue",
            lambda: self._write(descriptions, records),
            self._metrics.rescued.labels("redis").inc,
        )

    def _sort(
        self, record: Record, outgoing: list[Message], descriptions: dict[str, bytes | None], now_ms: int
    ) -> str:
        if record.value is None and record.key is not None:
            item_id = record.key.decode(errors="replace")
            home = partition_of(item_id, self._settings.kafka.item_partitions)
            if home != record.partition:
                outgoing.append(Message(self._settings.kafka.prefix + record.topic, home, record.key, None))
                return "forwarded"
            self._table.describe(item_id, available=False)
            descriptions[item_id] = None
            return "applied"
        outcome, item = self._intake.sort(record, outgoing, now_ms=now_ms)
        if item is None:
            return outcome
        self._table.describe_from(to_description(item))
        descriptions[item.item_id] = msgspec.json.encode(item)
        return "applied"

    async def _write(self, descriptions: dict[str, bytes | None], records: list[Record]) -> None:
        commands: list[Command] = []
        for item_id, description in descriptions.items():
            key = self._keys.description(item_id)
            if description is None:
                commands += [("DEL", key), ("DEL", self._keys.row(item_id))]
            else:
                commands.append(("SET", key, description))
        moved = {self._keys.watermark(r.topic, r.partition): b"%d" % (r.offset + 1) for r in records}
        await self._watermarks.write(moved, commands)
