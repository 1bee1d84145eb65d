"""`freshet evaluate`: ranking quality on a data set; each event is ranked before it is learned, as in the stream."""

import argparse
import json
import re
import time
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from freshet.actions import to_action, to_description
from freshet.cli import CommandError
from freshet.cli.evaluate_checkpoint import Checkpoint, CheckpointError
from freshet.cli.evaluate_plot import draw, needs_matplotlib
from freshet.cli.evaluate_table import print_report
from freshet.contract.topics import ITEMS
from freshet.datasets import FORMATS, Record, TooManyBadLines
from freshet.datasets.source import Source, SourceError, add_arguments, open_file, open_source
from freshet.settings import Settings
from freshet.task_settings import TaskSettings
from online_model.actions import Action, Description
from online_model.evaluation import Evaluation, averaged, evaluate

RATING = TaskSettings(
    name="rating", kind="regression", label="ratings"
)  # of MovieLens; its stars go from 1 to 5
UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def configure(parser: argparse.ArgumentParser) -> None:
    add_arguments(parser)
    parser.add_argument("--k", type=int, default=20, help="places of a page (default 20)")
    parser.add_argument(
        "--warmup",
        type=float,
        default=0.5,
        metavar="SHARE",
        help="of the events, learned from unmeasured (default 0.5)",
    )
    parser.add_argument(
        "--min-context",
        type=int,
        metavar="N",
        help="earlier events of a user before one counts (default 0; sessions 1)",
    )
    parser.add_argument("--train", type=Path, help="learn from this file, then measure on --test alone")
    parser.add_argument("--test", type=Path)
    parser.add_argument(
        "--frozen", action="store_true", help="learn nothing while measuring; users' events stay context"
    )
    parser.add_argument(
        "--late",
        type=late_ms,
        default=0,
        metavar="TIME",
        help="every event counts only so much later, such as 60s, 10m, 1h or 1d: what lateness costs",
    )
    parser.add_argument(
        "--seeds", type=int, default=1, metavar="N", help="means and spread over N seeds of the first weights"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there")
    parser.add_argument(
        "--plot", type=Path, metavar="OUT.png", help="draw learning curves, baselines and calibration"
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="DIR",
        help="keep the state there; the same command again goes on from it",
    )
    parser.add_argument(
        "--checkpoint-every",
        type=int,
        default=100_000,
        metavar="N",
        help="events (default 100,000: about 20 s)",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    check(args)
    console = Console(stderr=True)
    try:
        source, measure_from = open_both(args, console)
        report = measured(source, measure_from, args, settings, console)
    except (SourceError, TooManyBadLines, CheckpointError, OSError, EOFError) as error:
        raise CommandError(str(error)) from None
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    if args.plot:
        draw(report, args.k, args.plot)
    print_report(report, args.k)
    return 0


def check(args: argparse.Namespace) -> None:
    if not 0 <= args.warmup < 1:
        raise CommandError(f"--warmup is a share from 0 to less than 1; got {args.warmup:g}")
    for name in ("k", "seeds", "checkpoint_every"):
        if getattr(args, name) < 1:
            raise CommandError(f"--{name.replace('_', '-')} must be 1 or more; got {getattr(args, name)}")
    if bool(args.train) != bool(args.test):
        raise CommandError("--train and --test go together")
    if args.train and (args.path or args.format not in FORMATS):
        raise CommandError("--train PATH --test PATH need --format F and no other PATH")
    if args.plot and (missing := needs_matplotlib()):
        raise CommandError(missing)


def late_ms(text: str) -> int:
    """Milliseconds of "60s", "10m", "1h", "1d" or "0"."""
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if not found and text != "0":
        raise argparse.ArgumentTypeError(f"is a time such as 60s, 10m, 1h or 1d; got {text}")
    return int(found[1]) * UNIT_MS[found[2]] if found else 0


def open_both(args: argparse.Namespace, console: Console) -> tuple[Source, int | None]:
    """The events to go through, and from which one on to measure (None: --warmup says)."""
    if not args.train:
        return open_source(
            args, lambda said: console.print(f"{args.path}: {said}", markup=False, soft_wrap=True)
        ), None
    train = open_file(
        args.format,
        args.train,
        args,
        lambda said: console.print(f"{args.train}: {said}", markup=False, soft_wrap=True),
    )
    learned = list(train.records)
    count = sum(record.topic != ITEMS.name for record in learned)
    test = open_file(
        args.format,
        args.test,
        args,
        lambda said: console.print(f"{args.test}: {said}", markup=False, soft_wrap=True),
        id_offset=1_000_000_000,  # its ids are not those of the first file's lines
    )
    total = None if test.total is None else count + test.total
    return test._replace(records=chain(learned, test.records), total=total), count


def measured(
    source: Source, measure_from: int | None, args: argparse.Namespace, settings: Settings, console: Console
) -> dict[str, Any]:
    """The report of design section 9; of several seeds the means."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    records: Iterable[Description | tuple[str, Action]] = actions(source.records)
    if args.seeds > 1:
        records = list(records)
    tasks = tasks_of(source, settings)
    began, reports = time.monotonic(), []
    with Progress(*columns, console=console, transient=True) as progress:
        for n in range(args.seeds):
            model = msgspec.structs.replace(settings.model, seed=settings.model.seed + n)
            bar = progress.add_task(
                f"seed {n + 1} of {args.seeds}" if args.seeds > 1 else "ranking and learning",
                total=source.total,
            )
            checkpoint = Checkpoint.of(args, model, tasks)
            reports.append(
                evaluate(
                    records,
                    source.total,
                    settings=model,
                    tasks=[task.task() for task in tasks],
                    warmup=args.warmup,
                    measure_from=measure_from,
                    min_context=args.min_context if args.min_context is not None else int(source.sessions),
                    k=args.k,
                    frozen=args.frozen,
                    late_ms=args.late,
                    resume=checkpoint.left() if checkpoint else None,
                    watch=partial(watch, progress, bar, checkpoint),
                )
            )
    report = {"format": source.format, "seconds": round(time.monotonic() - began, 1)}
    if args.late:
        report["late_s"] = args.late / 1000
    if args.seeds > 1:
        report["seeds"] = args.seeds
    return report | (averaged(reports) if args.seeds > 1 else reports[0])


def tasks_of(source: Source, settings: Settings) -> tuple[TaskSettings, ...]:
    """Those of the settings, and the rating where nothing else happens."""
    if source.format == "movielens" and all(task.label != RATING.label for task in settings.pair_tasks):
        return (*settings.pair_tasks, RATING)
    return settings.pair_tasks


def watch(progress: Progress, bar: TaskID, checkpoint: Checkpoint | None, evaluation: Evaluation) -> None:
    """Called every so many events."""
    progress.update(bar, completed=evaluation.events)
    if checkpoint:
        checkpoint.keep(evaluation)


def actions(records: Iterable[Record]) -> Iterator[Description | tuple[str, Action]]:
    """What the core takes of each record, by the translation that the worker uses."""
    for topic, event, _ in records:
        yield to_description(event) if topic == ITEMS.name else (event.user_id, to_action(topic, event))
