"""`freshet produce`: a data set or the simulated shop to Kafka, at a rate, until every event is acknowledged."""

import argparse
import gc
import time
from collections.abc import Callable
from typing import cast

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from freshet.cli import CommandError
from freshet.contract.admin import TopicsError, ensure_topics
from freshet.contract.topics import ITEMS
from freshet.datasets import Record, TooManyBadLines
from freshet.datasets.source import Source, SourceError, add_arguments, open_source
from freshet.delivery import DeliveryError, Lost
from freshet.producer import Producer
from freshet.settings import Kafka, Settings

BULK_LINGER_S, PACED_LINGER_S = 0.1, 0.005  # full batches against freshness
NEW_TOPICS_S = 2.0
LATE_S = 1.0  # further behind than this, a pace starts anew instead of catching up in a burst


def configure(parser: argparse.ArgumentParser) -> None:
    add_arguments(parser)
    parser.add_argument(
        "--rate", type=float, metavar="R", help="user events a second (default: as fast as it goes)"
    )
    parser.add_argument(
        "--now", action="store_true", help="date each event at the moment of sending, with a new event_id"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.rate is not None and args.rate <= 0:
        raise CommandError(f"--rate takes events a second, more than 0; got {args.rate:g}")
    console = Console(stderr=True)
    try:
        source = open_source(
            args, lambda sentence: console.print(f"{args.path}: {sentence}", markup=False, soft_wrap=True)
        )
        make_topics(settings.kafka)
        return send(source, settings, console, rate=args.rate, now=args.now)
    except (SourceError, TopicsError, TooManyBadLines, OSError, EOFError) as error:
        raise CommandError(str(error)) from None


def make_topics(settings: Kafka) -> None:
    """Topics as they must be. A busy broker may not know the partitions of those just made, so it is asked again."""
    try:
        ensure_topics(settings)
    except TopicsError as error:
        if "has 0 partitions" not in str(error):
            raise
        time.sleep(NEW_TOPICS_S)
        ensure_topics(settings)


def send(source: Source, settings: Settings, console: Console, *, rate: float | None, now: bool) -> int:
    """Send it all and say so; 1 when anything was not acknowledged."""
    pace = Pace(rate) if rate else None
    redate = Redate(int(time.time() * 1000)) if now else None
    gc.freeze()  # a data set held in memory would be walked by each collection: a quarter of the time
    began, events, messages = time.monotonic(), 0, 0
    columns = (
        TextColumn("sending {task.fields[rate]:,.0f}/s"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    try:
        with (
            Progress(*columns, console=console, transient=True) as progress,
            Producer.of(settings.kafka, linger_s=PACED_LINGER_S if pace else BULK_LINGER_S) as producer,
        ):
            bar = progress.add_task("", total=source.total, rate=0.0)
            for record in source.records:
                is_event = record.topic != ITEMS.name
                if pace and is_event:
                    pace.wait()
                producer.send(record.topic, redate(record) if redate else record.raw or record.event)
                events, messages = events + is_event, messages + (not is_event)
                if is_event and events % 200 == 0:
                    progress.update(bar, completed=events, rate=events / (time.monotonic() - began))
            producer.flush()
    except DeliveryError as error:
        said = f"stopped after {events:,} events, {len(lost_in(error)):,} messages lost: {error}"
        console.print(said, markup=False, soft_wrap=True)
        return 1
    seconds = time.monotonic() - began
    print(
        f"sent {events:,} events and {messages:,} catalogue messages in {seconds:.1f} s: "
        f"{events / seconds:,.0f} events/s, all acknowledged"
    )
    return 0


def lost_in(error: BaseException | None) -> list[Lost]:
    """All that was lost: closing the producer may have lost more than the error before it told."""
    lost: list[Lost] = []
    while error is not None:
        lost += error.lost if isinstance(error, DeliveryError) else []
        error = error.__context__
    return lost


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
