"""`freshet produce`: a data set or the simulated shop to Kafka, at a rate, until every event is acknowledged."""

import argparse
import gc
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from freshet.cli import CommandError
from freshet.contract.admin import TopicsError, ensure_topics
from freshet.contract.topics import ITEMS
from freshet.datasets import TooManyBadLines
from freshet.datasets.live import Pace, Redate
from freshet.datasets.source import Source, SourceError, add_arguments, open_source
from freshet.delivery import DeliveryError, Lost
from freshet.producer import Producer
from freshet.security.pseudonyms import pseudonyms_of
from freshet.settings import Settings

BULK_LINGER_S, PACED_LINGER_S = 0.1, 0.005  # full batches against freshness


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
        ensure_topics(settings.kafka)
        return send(source, settings, console, rate=args.rate, now=args.now)
    except (SourceError, TopicsError, TooManyBadLines, OSError, EOFError) as error:
        raise CommandError(str(error)) from None


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
            Producer.of(
                settings.kafka,
                pseudonyms=pseudonyms_of(settings.privacy),
                linger_s=PACED_LINGER_S if pace else BULK_LINGER_S,
            ) as producer,
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
