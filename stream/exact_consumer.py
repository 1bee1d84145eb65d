"""Faust's consumer, made to begin a turn exactly where it is told.

Faust seeks to what the group has committed, and a fetch that was under way before an assignment may hand its records
over after it: they would then lie before a gap, and what the gap held would be dropped.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from faust.types import TP

from stream.giving_up import give_up

POLL_S = 0.1  # a fetch under way is waited for so long at most: by us, and by what we ask the broker next


def _stop_if_it_failed(routine: "asyncio.Task[None]") -> None:
    """Nobody else looks: what had been fetched would be worked off, and nothing would come after it."""
    if not routine.cancelled() and (error := routine.exception()):
        give_up("nothing more can be read from Kafka", error)


class _ConsumerThread(AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer: Any = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = int(POLL_S * 1000)  # Faust has no setting for it: 1.5 s
        return consumer

    async def on_start(self) -> None:
        await super().on_start()
        consumer: Any = self._consumer
        for routine in consumer._fetcher.error_future, consumer._coordinator._coordination_task:
            routine.add_done_callback(_stop_if_it_failed)


class ExactConsumer(Consumer):
    """starts: where each partition of the turn to come begins; empty until that is known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.starts: dict[TP, int] = {}
        self._at_rest = asyncio.Event()
        self._at_rest.set()

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return _ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def rest(self) -> None:
        """Return when no fetch is under way; none begins before the flow of messages is resumed."""
        await self._at_rest.wait()

    async def perform_seek(self) -> None:
        """To the starts, whatever the group has committed."""
        starts = {tp: offset for tp, offset in self.starts.items() if tp in self.assignment()}
        await self.seek_wait(starts)
        for tp, offset in starts.items():
            self._read_offset[tp] = offset or None
            self._committed_offset[tp] = offset or None

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109
        async for tp, message in super().getmany(min(timeout, POLL_S)):
            yield tp, message

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109
        self._at_rest.clear()
        try:
            return await super()._getmany(active_partitions, timeout)
        finally:
            self._at_rest.set()
