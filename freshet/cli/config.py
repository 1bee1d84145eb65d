"""`freshet config`: the settings in force, one `section.name = value` a line; passwords in addresses are masked."""

import argparse
import re

import msgspec

from freshet.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # nothing beyond --config and --set


def run(args: argparse.Namespace, settings: Settings) -> int:
    for section, values in msgspec.to_builtins(settings).items():
        if section == "tasks":
            for task in values:
                print(f"tasks: {task}")
        else:
            for name, value in values.items():
                print(f"{section}.{name} = {masked(value)}")
    return 0


def masked(value: object) -> object:
    """The value with the password of an address hidden.

    >>> masked("redis://shop:secret@host:6379/0")
    'redis://shop:***@host:6379/0'
    """
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", value) if isinstance(value, str) else value
