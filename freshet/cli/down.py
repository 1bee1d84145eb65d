"""`freshet down`: stop what `freshet up` started; the data stays."""

import argparse

from freshet.cli.up import DATA_DIR
from freshet.local.daemon import down
from freshet.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # nothing beyond --config and --set


def run(args: argparse.Namespace, settings: Settings) -> int:
    print("stopped" if down(DATA_DIR) else "nothing was up")
    return 0
