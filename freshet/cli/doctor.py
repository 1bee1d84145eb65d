"""`freshet doctor`: look at everything a deployment needs. Exit status 1 when something is wrong."""

import argparse

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from freshet.doctor import Grade, examine
from freshet.settings import Settings

STYLE = {Grade.GOOD: "green", Grade.LOOK: "yellow", Grade.WRONG: "red"}


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # nothing beyond --config and --set


def run(args: argparse.Namespace, settings: Settings) -> int:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("", "looked at", "found", "what to do"):
        table.add_column(name, overflow="fold")
    wrong = 0
    for finding in examine(settings):
        wrong += finding.grade == Grade.WRONG
        table.add_row(f"[{STYLE[finding.grade]}]{finding.grade}", *map(escape, finding[1:]))
    console = Console(highlight=False)
    console.print(table)
    return 1 if wrong else 0
