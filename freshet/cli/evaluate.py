"""`freshet evaluate`: ranking quality on a data set; each event is ranked before it is learned, as in the stream."""

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from freshet.actions import to_action, to_description
from freshet.cli import CommandError
from freshet.contract.topics import ITEMS
from freshet.datasets import FORMATS, Record, TooManyBadLines
from freshet.datasets.source import Source, SourceError, add_arguments, open_file, open_source
from freshet.settings import Settings
from online_model.actions import Action, Description
from online_model.evaluation import evaluate


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
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there")


def run(args: argparse.Namespace, settings: Settings) -> int:
    check(args)
    console = Console(stderr=True)
    try:
        source, measure_from = open_both(args, console)
        report = measured(source, measure_from, args, settings, console)
    except (SourceError, TooManyBadLines, OSError, EOFError) as error:
        raise CommandError(str(error)) from None
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    Console().print(table(report, args.k))
    print(
        f"{report['events']:,} events of {report['users']:,} users on {report['items']:,} items "
        f"in {report['seconds']:.1f} s; weighted recall {report['weighted_recall']:.4f}"
    )
    return 0


def check(args: argparse.Namespace) -> None:
    if not 0 <= args.warmup < 1:
        raise CommandError(f"--warmup is a share from 0 to less than 1; got {args.warmup:g}")
    if args.k < 1:
        raise CommandError(f"--k must be 1 or more; got {args.k}")
    if bool(args.train) != bool(args.test):
        raise CommandError("--train and --test go together")
    if args.train and (args.path or args.format not in FORMATS):
        raise CommandError("--train PATH --test PATH need --format F and no other PATH")


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
    """The report of design section 9."""
    columns = (TextColumn("ranking and learning"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    minimum = args.min_context if args.min_context is not None else int(source.sessions)
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=source.total)
        report = evaluate(
            actions(source.records),
            source.total,
            settings=settings.model,
            tasks=[task.task() for task in settings.pair_tasks],
            warmup=args.warmup,
            measure_from=measure_from,
            min_context=minimum,
            k=args.k,
            frozen=args.frozen,
            progress=lambda events: progress.update(bar, completed=events),
        )
    return {"format": source.format, "seconds": round(time.monotonic() - began, 1), **report}


def actions(records: Iterable[Record]) -> Iterator[Description | tuple[str, Action]]:
    """What the core takes of each record, by the translation that the worker uses."""
    for topic, event, _ in records:
        yield to_description(event) if topic == ITEMS.name else (event.user_id, to_action(topic, event))


def table(report: dict[str, Any], k: int) -> Table:
    """Each task's figures, with the baselines under them; 80 columns wide at most."""
    measures = (f"recall@{k}", f"mrr@{k}", f"ndcg@{k}", "auc")
    names = ("task", "ranked by", "n", *measures)
    shown = Table(*(Column(name, no_wrap=True) for name in names), box=None, padding=(0, 1, 0, 0))
    for task, figures in report["tasks"].items():
        others = {name: by_task.get(task, {}) for name, by_task in report["baselines"].items()}
        for name, row in {"freshet": figures, **others}.items():
            if row.get("n"):
                ours = name == "freshet"
                cells = [_figure(row.get(measure)) for measure in measures]
                shown.add_row(
                    task if ours else "", name, f"{row['n']:,}", *cells, style="bold" if ours else ""
                )
        shown.add_row()
    return shown


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
