"""`freshet refresh`: train the shared encoder from the examples log, on a schedule or once."""

import argparse
import importlib.util
import logging
from typing import TYPE_CHECKING

from rich.console import Console

from freshet.cli import CommandError
from freshet.cli.format_path import format_path
from freshet.security.connections import connect_redis
from freshet.settings import Settings

if TYPE_CHECKING:
    from stream.refresh.other_shop import OtherShop


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="one round now, then end")
    parser.add_argument(
        "--force", action="store_true", help="with --once: promote it whatever the judge says"
    )
    parser.add_argument(
        "--source",
        metavar="FORMAT:PATH",
        help="learn from another shop's log as well, for a shop that has just opened (formats as in `freshet produce`)",
    )
    parser.add_argument(
        "--source-weight",
        type=float,
        default=1.0,
        metavar="LAMBDA",
        help="how much a choice of the other shop counts beside one of our own (1.0)",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    if importlib.util.find_spec("torch") is None:
        raise CommandError(
            "torch is not installed: the refresh comes with an extra, pip install 'freshet[refresh]'"
        )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    console = Console()
    other = _other_shop(args, settings, console) if args.source else None
    if not args.once:
        from stream.refresh.process import run as run_process

        run_process(settings, other)
        return 0
    from stream.refresh.round import one_round

    outcome = one_round(
        settings,
        connect_redis(settings.redis),
        force=args.force,
        other=other,
        progress=lambda e: console.print(
            f"epoch {e.number}: loss {e.train_loss:.4f}, newest slice {e.holdout_loss:.4f}, {e.seconds:.1f} s"
        ),
    )
    console.print(f"{outcome.kind}: {outcome.said}")
    return 0 if outcome.kind == "promoted" else 1


def _other_shop(args: argparse.Namespace, settings: Settings, console: Console) -> "OtherShop":
    from stream.refresh.other_shop import other_shop

    form, path = format_path("--source", args.source)
    if args.source_weight <= 0:
        raise CommandError(f"--source-weight takes a number above 0; got {args.source_weight}")
    tasks, most = [task.task() for task in settings.pair_tasks], settings.refresh.window_examples
    try:
        other = other_shop(form, path, args.source_weight, settings.model, tasks, most, console.print)
    except ValueError as error:
        raise CommandError(str(error)) from None
    console.print(
        f"{len(other.source.choices.task):,} choices of {args.source} are learned from beside our own"
    )
    return other
