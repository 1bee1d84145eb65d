"""`freshet keys`: make, list and revoke the API's keys. A running API takes a change within a second."""

import argparse
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from freshet.cli import CommandError
from freshet.security.api_keys import (
    RATE_PER_S,
    SCOPES,
    ApiKey,
    KeyFileError,
    Scope,
    new_key,
    read_keys,
    write_keys,
)
from freshet.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a key; it is shown this once")
    add.add_argument("--name", required=True, help="who will hold it, to tell keys apart: 1 to 64 characters")
    add.add_argument("--scopes", required=True, type=_scopes, help=f"with commas: {', '.join(SCOPES)}")
    add.add_argument(
        "--rate",
        type=float,
        default=RATE_PER_S,
        metavar="PER_S",
        help=f"requests a second in each API process, {RATE_PER_S:,.0f} by default; 0 for no limit",
    )
    actions.add_parser("list", help="names, scopes and rates; never a key")
    actions.add_parser("revoke", help="end a key").add_argument("id", help="as `freshet keys list` shows it")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if not settings.api.keys_file:
        raise CommandError(
            "api.keys_file is not set: say where the keys are kept, such as api.keys_file=api-keys.json"
        )
    path = Path(settings.api.keys_file)
    try:
        keys = read_keys(path) if path.exists() or args.action != "add" else []
    except KeyFileError as error:
        raise CommandError(str(error)) from None
    if args.action == "list":
        Console().print(_table(keys))
    elif args.action == "add":
        if not 1 <= len(args.name) <= 64 or not args.name.isprintable() or not 0 <= args.rate < float("inf"):
            raise CommandError("--name takes 1 to 64 printable characters, and --rate a number from 0")
        shown, kept = new_key(args.name, args.scopes, args.rate)
        write_keys(path, [*keys, kept])
        print(shown)
    else:
        left = [key for key in keys if key.id != args.id]
        if len(left) == len(keys):
            raise CommandError(f"{path} has no key {args.id!r}; `freshet keys list` shows those there are")
        write_keys(path, left)
        print(f"{args.id} is revoked: running APIs refuse it within a second")
    return 0


def _scopes(text: str) -> list[Scope]:
    asked = text.split(",")
    scopes = [scope for scope in SCOPES if scope in asked]
    if len(scopes) < len(asked):
        raise argparse.ArgumentTypeError(f"takes {', '.join(SCOPES)}, each once; got {text!r}")
    return scopes


def _table(keys: list[ApiKey]) -> Table:
    table = Table("id", "name", "scopes", "a second", "made", box=None)
    for key in keys:
        made = time.strftime("%Y-%m-%d %H:%M", time.gmtime(key.made_ms / 1000))
        table.add_row(
            key.id, key.name, ",".join(key.scopes), f"{key.rate_per_s:g}" if key.rate_per_s else "–", made
        )
    return table
