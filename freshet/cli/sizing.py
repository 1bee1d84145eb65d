"""`freshet sizing`: what so many users and items take in Redis, Kafka and a worker, with the settings in force."""

import argparse

from rich.console import Console
from rich.table import Table

from freshet.cli import CommandError
from freshet.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--users", type=int, required=True, metavar="N")
    parser.add_argument("--items", type=int, required=True, metavar="M")
    parser.add_argument("--events-per-s", type=float, default=100.0, metavar="R", help="on average (100)")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if min(args.users, args.items, args.events_per_s) < 0:
        raise CommandError("--users, --items and --events-per-s take numbers from 0 on")
    from freshet.sizing import Asked, lines  # compiles the core

    found = lines(Asked(args.users, args.items, args.events_per_s), settings)
    table = Table("store", "what", "how many × how large", "at most")
    table.columns[-1].justify = "right"
    for store in dict.fromkeys(line.store for line in found):
        mine = [line for line in found if line.store == store]
        for line in mine:
            table.add_row(store, line.what, line.formula, readable(line.size))
        table.add_row(
            store, "all", "", readable(sum(line.size for line in mine)), style="bold", end_section=True
        )
    Console().print(table)
    return 0


def readable(size: float) -> str:
    """
    >>> readable(4_200), readable(123_456_789_000)
    ('4.2 KB', '123.5 GB')
    """
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:,.0f} B" if unit == "B" else f"{size:,.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
