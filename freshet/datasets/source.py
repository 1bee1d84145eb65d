"""Where a command's events come from: a data set's file, or the simulated shop. Shared by produce and evaluate."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from freshet.datasets import FORMATS, Record, read
from freshet.datasets.bad_lines import MOST
from freshet.simulator import load_shop, simulate

SIMULATE = "simulate"


class SourceError(ValueError):
    """A source that cannot be read; the text says why and what to do."""


class Source(NamedTuple):
    """records: in order of time. total: of its user events, where that is known before the end."""

    format: str
    records: Iterator[Record]
    total: int | None
    sessions: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        help="the file, plain or gzip; of `simulate`: a TOML file",
    )
    parser.add_argument("--format", choices=[*FORMATS, SIMULATE], help="what the file is")
    parser.add_argument("--simulate", type=_positive, metavar="N", help="N events of the simulated shop")
    parser.add_argument("--limit", type=_positive, metavar="N", help="at most N user events, the earliest")
    parser.add_argument(
        "--bad-lines", type=int, default=MOST, metavar="N", help=f"skip at most N (default {MOST})"
    )


def open_source(args: argparse.Namespace, report: Callable[[str], None]) -> Source:
    """The source that the arguments name. SourceError when they do not fit together."""
    if args.simulate is not None:
        args.format, args.limit = SIMULATE, args.simulate
    if args.format is None:
        raise SourceError(f"--format F PATH or --simulate N is needed; formats: {', '.join(FORMATS)}")
    if args.format == SIMULATE:
        if args.limit is None:
            raise SourceError("the simulated shop never closes: --limit N or --simulate N is needed")
        try:
            shop = load_shop(args.path)
        except ValueError as error:
            raise SourceError(f"{args.path}: {error}") from None
        return Source(SIMULATE, simulate(shop, args.limit), args.limit, sessions=False)
    if args.path is None:
        raise SourceError(f"--format {args.format} needs the PATH of a file")
    return open_file(args.format, args.path, args, report)


def open_file(
    name: str, path: Path, args: argparse.Namespace, report: Callable[[str], None], id_offset: int = 0
) -> Source:
    """A file as a source; SourceError when it is not there. id_offset: see `read`."""
    if not path.is_file():
        raise SourceError(f"there is no file {path}")
    form = FORMATS[name]
    records = read(name, path, report=report, limit=args.limit, most_bad=args.bad_lines, id_offset=id_offset)
    if form.ordered:
        return Source(name, records, None, form.sessions)
    whole = list(records)  # it had to be sorted, so it is in memory already
    return Source(name, iter(whole), sum(record.topic != "items" for record in whole), form.sessions)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more; got {number}")
    return number
