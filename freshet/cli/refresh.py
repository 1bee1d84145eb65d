"""`freshet refresh`: train the shared encoder from the examples log, on a schedule or once."""

import argparse
import importlib.util
import logging

from rich.console import Console

from freshet.cli import CommandError
from freshet.security.connections import connect_redis
from freshet.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="one round now, then end")
    parser.add_argument(
        "--force", action="store_true", help="with --once: promote it whatever the judge says"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    if importlib.util.find_spec("torch") is None:
        raise CommandError(
            "torch is not installed: the refresh comes with an extra, pip install 'freshet[refresh]'"
        )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    if not args.once:
        from stream.refresh.process import run as run_process

        run_process(settings)
        return 0
    from stream.refresh.round import one_round

    console = Console()
    outcome = one_round(
        settings,
        connect_redis(settings.redis),
        force=args.force,
        progress=lambda e: console.print(
            f"epoch {e.number}: loss {e.train_loss:.4f}, newest slice {e.holdout_loss:.4f}, {e.seconds:.1f} s"
        ),
    )
    console.print(f"{outcome.kind}: {outcome.said}")
    return 0 if outcome.kind == "promoted" else 1
