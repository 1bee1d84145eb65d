"""`freshet worker`: the four agents in one process; start as many as there are partitions to share."""

import argparse

from freshet.cli import CommandError
from freshet.contract.admin import TopicsError, ensure_topics
from freshet.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--loglevel", default="warning", choices=["debug", "info", "warning", "error"])


def run(args: argparse.Namespace, settings: Settings) -> int:
    try:
        import faust
    except ModuleNotFoundError as error:
        if error.name != "faust":
            raise
        raise CommandError(
            "Faust is not installed: the worker comes with an extra, pip install 'freshet[worker]'"
        ) from None

    from freshet import loop
    from stream.app import Worker

    loop.install()
    try:
        ensure_topics(settings.kafka)
    except TopicsError as error:
        raise CommandError(str(error)) from None
    app = Worker(settings).app
    faust.Worker(app, loglevel=args.loglevel, redirect_stdouts=False).execute_from_commandline()
    return 0
