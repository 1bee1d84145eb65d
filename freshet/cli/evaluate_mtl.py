"""`freshet evaluate-mtl`: what tasks gain from learning together, on a table of rows with several labels."""

import argparse
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

try:
    import torch  # noqa: F401 - not of every process
except ModuleNotFoundError:
    raise SystemExit(
        "freshet evaluate-mtl: torch is not installed: it comes with an extra, pip install 'freshet[refresh]'"
    ) from None
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column, Table

from freshet.cli import CommandError
from freshet.cli.evaluate_mtl_plot import draw
from freshet.cli.evaluate_plot import needs_matplotlib
from freshet.datasets.lines import numbered_lines
from freshet.settings import Settings
from online_model.multitask import ARCHITECTURES, BALANCERS, CONTROL, SCHEDULES, DataError, Problem, Recipe
from online_model.multitask.census import read_census
from online_model.multitask.comparison import Row, Run, measure, recipes, rows
from online_model.multitask.delimited import read_delimited
from online_model.multitask.problem import problem_of

VARIED = ("architecture", "balancing", "seed")  # from run to run


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", type=Path, metavar="PATH", help="the file, plain or gzip; a third of it is held out"
    )
    parser.add_argument("--data", choices=["census", "csv"], required=True, help="what the file is")
    parser.add_argument(
        "--labels", type=_listed, metavar="A,B", help="of csv: the columns that are tasks, 0 or 1"
    )
    for name, table in ("architectures", ARCHITECTURES), ("balancing", BALANCERS):
        parser.add_argument(
            f"--{name}",
            type=_names_of(table),
            default=list(table),
            metavar="A,B",
            help=f"some of {', '.join(table)} (default all)",
        )
    parser.add_argument("--schedule", choices=[*SCHEDULES], default="joint", help="(default joint)")
    parser.add_argument("--seeds", type=_positive, default=5, metavar="N", help="runs a row (default 5)")
    parser.add_argument(
        "--epochs",
        type=_positive,
        default=(epochs := Recipe(architecture=CONTROL).epochs),
        metavar="N",
        help=f"passes over the training rows (default {epochs})",
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="OUT",
        help="write the figures there after each run, and go on from there",
    )
    parser.add_argument("--plot", type=Path, metavar="OUT", help="draw the table there: .png, .svg or .pdf")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if args.plot and (why := needs_matplotlib()):
        raise CommandError(why)
    problem = read(args)
    base = Recipe(architecture=CONTROL, schedule=args.schedule, epochs=args.epochs)
    about = {
        "data": args.data,
        "path": str(args.path),
        "tasks": list(problem.tasks),
        "rows": {"training": len(problem.train.labels), "held_out": len(problem.test.labels)},
        "recipe": {name: value for name, value in msgspec.to_builtins(base).items() if name not in VARIED},
    }
    about = msgspec.json.decode(msgspec.json.encode(about))  # as an earlier report says it: lists for tuples
    wanted = recipes(problem, args.architectures, args.balancing, args.seeds, base)
    found = rows(measured(wanted, problem, about, args.json))
    print(
        f"{about['rows']['training']:,} rows to learn from, {about['rows']['held_out']:,} held out; "
        f"AUC, mean ± standard deviation of {args.seeds} seeds"
    )
    Console().print(table(found, problem.tasks))
    show_affinity(found, problem.tasks)
    if args.plot:
        draw(found, problem.tasks, args.plot)
    return 0


def read(args: argparse.Namespace) -> Problem:
    if (args.data == "csv") != bool(args.labels):
        raise CommandError("--labels A,B goes with --data csv, and only with it")
    try:
        lines = (line for _, line in numbered_lines(args.path))
        return problem_of(read_census(lines) if args.data == "census" else read_delimited(lines, args.labels))
    except FileNotFoundError:
        raise CommandError(f"there is no file {args.path}") from None
    except (DataError, OSError, EOFError) as error:
        raise CommandError(f"{args.path}: {error}") from None


def measured(wanted: list[Recipe], problem: Problem, about: dict[str, Any], out: Path | None) -> list[Run]:
    """One run for each recipe. Those that `out` has already, of the same comparison, are not made again."""
    done = {run.names: run for run in earlier(out, about)}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=len(wanted))
        for n, recipe in enumerate(wanted):
            progress.update(bar, description=f"{recipe.architecture}, {recipe.balancing}, seed {recipe.seed}")

            def step(of_run: int, steps: int, n: int = n) -> None:
                progress.update(bar, completed=n + of_run / steps)

            if recipe.names in done:
                continue
            done[recipe.names] = measure(recipe, problem, step)
            if out:
                runs = list(done.values())
                report = about | {"runs": runs, "table": [row._asdict() for row in rows(runs)]}
                out.write_text(json.dumps(msgspec.to_builtins(report), indent=2) + "\n")
    return [done[recipe.names] for recipe in wanted]


def earlier(out: Path | None, about: dict[str, Any]) -> list[Run]:
    """The runs in a report of an earlier call; CommandError when that was about something else."""
    if not out or not out.exists():
        return []
    try:
        report = json.loads(out.read_bytes())
        if {name: report[name] for name in about} != about:
            raise CommandError(
                f"{out} has the figures of another comparison: name another file, or remove it"
            )
        return msgspec.convert(report["runs"], list[Run])
    except (ValueError, KeyError, TypeError):
        raise CommandError(f"{out} is not a report of this command: name another file") from None


def table(found: list[Row], tasks: Collection[str]) -> Table:
    """80 columns wide for two tasks with short names; the best mean of each task in bold."""
    shown = Table(*(Column(name, no_wrap=True) for name in ("architecture", "balancing", *tasks)), box=None)
    best = {task: max(row.mean[task] for row in found) for task in tasks}
    for row in found:
        cells = []
        for task in tasks:
            figure = f"{row.mean[task]:.4f} ± {row.spread[task]:.4f}"
            cells.append(f"[bold]{figure}[/bold]" if row.mean[task] == best[task] else figure)
        shown.add_row(row.architecture, row.balancing, *cells)
    return shown


def show_affinity(found: list[Row], tasks: Collection[str]) -> None:
    """The cosines of the first row that shares weights."""
    for row in found:
        if row.affinity:
            print(
                f"affinity: cosine of gradients on the shared weights ({row.architecture}, {row.balancing})"
            )
            shown = Table("", *tasks, box=None)
            for task, cosines in zip(tasks, row.affinity, strict=True):
                shown.add_row(task, *(f"{cosine:+.3f}" for cosine in cosines))
            Console().print(shown)
            return


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _names_of(known: Collection[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        if unknown := [name for name in _listed(text) if name not in known]:
            raise argparse.ArgumentTypeError(f"no {', '.join(unknown)}; there are {', '.join(known)}")
        return _listed(text)

    return names


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more; got {number}")
    return number
