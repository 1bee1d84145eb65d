"""A recorded stream as if it were live: at an even pace, dated at the moment of sending."""

import time
from collections.abc import Callable
from typing import cast

import msgspec

from freshet.contract.topics import ITEMS
from freshet.datasets.record import Record

LATE_S = 1.0  # further behind than this, a pace starts anew instead of catching up in a burst


class Pace:
    """`wait` returns `rate` times a second, evenly; a pause of the caller longer than LATE_S is not made up."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._step, self._clock, self._sleep = 1 / rate, clock, sleep
        self._due: float | None = None  # of the next event; the first call begins

    def wait(self) -> None:
        """Until the next event is due."""
        now = self._clock()
        due = now if self._due is None or now - self._due > LATE_S else self._due
        if due > now:
            self._sleep(due - now)
        self._due = due + self._step


class Redate:
    """The record as if it happened now: ts is the moment of the call, event_id is one of this run (run_ms)."""

    def __init__(self, run_ms: int, clock: Callable[[], float] = time.time) -> None:
        self._run_ms, self._clock, self._count = run_ms, clock, 0

    def __call__(self, record: Record) -> msgspec.Struct | dict[str, object]:
        if record.topic == ITEMS.name:
            return cast(msgspec.Struct, record.event)
        self._count += 1
        now = {"ts": int(self._clock() * 1000), "event_id": f"now{self._run_ms}.{self._count}"}
        if record.raw is not None:
            return {**msgspec.json.decode(record.raw), **now}
        return cast(msgspec.Struct, msgspec.structs.replace(record.event, **now))
