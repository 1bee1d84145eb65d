"""`freshet config`: the settings in force, one `section.name = value` a line; secrets are masked."""

import argparse

from freshet.security.secret import without_password
from freshet.settings import Settings, shown


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # nothing beyond --config and --set


def run(args: argparse.Namespace, settings: Settings) -> int:
    for section, values in shown(settings).items():
        if section == "tasks":
            for task in values:
                print(f"tasks: {task}")
        else:
            for name, value in values.items():
                print(f"{section}.{name} = {without_password(str(value))}")
    return 0
