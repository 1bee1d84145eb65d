"""`freshet models`: the encoders that there are; put one to work, or go back to the one before."""

import argparse
import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from freshet.cli import CommandError
from freshet.contract.keys import Keys
from freshet.registry import Registry, RegistryError
from freshet.security.connections import connect_redis
from freshet.settings import Settings
from online_model.encoder.artifact import ArtifactError, read_manifest


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="all versions, newest first")
    actions.add_parser("show", help="one version's manifest").add_argument("version")
    actions.add_parser("promote", help="let this version serve").add_argument("version")
    actions.add_parser("rollback", help="let the version that served before serve again")


def run(args: argparse.Namespace, settings: Settings) -> int:
    client, keys = connect_redis(settings.redis), Keys.of(settings)
    registry, console = Registry(Path(settings.refresh.models_dir), client, keys), Console()
    try:
        if args.action == "list":
            console.print(_table(registry))
        elif args.action == "show":
            manifest = read_manifest(registry.folder(args.version))
            console.print_json(msgspec.json.encode(manifest).decode())
        elif args.action == "promote":
            registry.promote(args.version)
            console.print(f"{args.version} is wanted: the learner switches when its heads have caught up")
        else:
            console.print(f"{registry.rollback()} is wanted again")
    except (ArtifactError, RegistryError) as error:
        raise CommandError(str(error)) from None
    return 0


def _table(registry: Registry) -> Table:
    table = Table("version", "trained", "examples", "loss, newest slice", "before", "")
    names = {registry.named(field): field for field in ("previous", "wanted", "live")}
    for m in registry.manifests():
        trained = time.strftime("%Y-%m-%d %H:%M", time.gmtime(m.created_s))
        losses = f"{m.metrics['loss']:.4f}", f"{m.metrics['live_loss']:.4f}"
        table.add_row(m.version, trained, f"{m.examples:,}", *losses, names.get(m.version, ""))
    return table
