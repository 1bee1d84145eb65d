"""`freshet`: one command a file, loaded only when it is called, so `freshet api` never imports torch or Faust."""

import argparse
import importlib
import os
import sys
from pathlib import Path

from freshet.settings import SettingError, Settings, load

COMMANDS = {  # name of the module beside this file → what it does, as `freshet --help` says it
    "demo": "start everything, stream a shop's events, learn, serve, and show it",
    "up": "start Kafka, Redis, worker, refresh and API on this machine",
    "down": "stop what `up` started",
    "status": "say what runs, where, and how far behind it is",
    "worker": "run the four agents: shoppers, items, learner, catalogue",
    "refresh": "train the shared encoder from the examples log, on a schedule or once",
    "api": "answer lookups over HTTP",
    "produce": "send a data set's events to Kafka",
    "evaluate": "measure ranking quality on a data set, prequentially, on the worker's own code",
    "evaluate-mtl": "compare ways of learning several tasks together, beside one network a task",
    "explain": "say why an item scores as it does for a shopper, task by task",
    "keys": "make, list or revoke the API's keys",
    "dead-letters": "list refused events with their reasons, or send them again",
    "doctor": "look at everything a deployment needs, and say what to do",
    "rebuild": "make the state in Redis anew from the log",
    "models": "list, show, promote or roll back encoders",
    "sizing": "say what so many users and items take in Redis, Kafka and memory",
    "schema": "print the JSON Schemas of the events",
    "config": "print the settings in force",
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit status. 2: wrong usage or settings, with a sentence on standard error."""
    parser = argparse.ArgumentParser(prog="freshet", description="A recommender that learns while it serves.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    argv = sys.argv[1:] if argv is None else argv
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        command.add_argument(
            "--config", type=Path, default=None, help="a settings file (default: freshet.toml here, if any)"
        )
        command.add_argument(
            "--set", action="append", default=[], metavar="SECTION.NAME=VALUE", dest="overrides"
        )
        if name in argv[:1]:
            importlib.import_module(f"freshet.cli.{name.replace('-', '_')}").configure(command)
    args = parser.parse_args(argv)
    try:
        settings = settings_of(args)
        module = importlib.import_module(f"freshet.cli.{args.command.replace('-', '_')}")
        return int(module.run(args, settings))
    except (SettingError, CommandError) as error:
        print(f"freshet {args.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


class CommandError(Exception):
    """What a command cannot do, in a sentence that says what was wrong and what to do."""


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings that a command's arguments, the environment and the file give."""
    file = args.config or (Path(os.environ["FRESHET_CONFIG"]) if "FRESHET_CONFIG" in os.environ else None)
    if file is None and Path("freshet.toml").exists():
        file = Path("freshet.toml")
    return load(file=file, env=os.environ, overrides=args.overrides)
