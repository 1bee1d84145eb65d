"""Messages waiting for their moment: visits overlap and ratings come days later, the stream is in order of time."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from freshet.datasets.record import Record


class Moment(NamedTuple):
    """truth: of an impression, float32[3, shown]: probabilities of click, cart and purchase of each item."""

    ts: int
    record: Record
    truth: NDArray[np.float32] | None = None


class Moments:
    """`add` in any order, `until` in order of time; equal times in the order of adding."""

    def __init__(self, source: str) -> None:
        self._waiting: list[Moment] = []
        self._source, self._made = source, 0

    def event(
        self, topic: str, schema: Any, ts: int, truth: NDArray[np.float32] | None = None, **fields: Any
    ) -> None:
        """Add a user event with an id of its own."""
        self._made += 1
        event = schema(event_id=f"{self._source}:{self._made}", ts=ts, **fields)
        self._waiting.append(Moment(ts, Record(topic, event), truth))

    def message(self, ts: int, record: Record) -> None:
        """Add a message that has no time of its own."""
        self._waiting.append(Moment(ts, record))

    def until(self, ts: int) -> Iterator[Moment]:
        """Take out everything before ts."""
        self._waiting.sort(key=lambda moment: moment.ts)
        due = [moment for moment in self._waiting if moment.ts < ts]
        del self._waiting[: len(due)]
        yield from due
