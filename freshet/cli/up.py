"""`freshet up`: Kafka, Redis, worker, refresh and API on this machine, until `freshet down`."""

import argparse
from pathlib import Path
from urllib.parse import urlparse

from freshet.cli import CommandError
from freshet.local import StackError
from freshet.local.daemon import up
from freshet.services import Service
from freshet.settings import Settings

DATA_DIR = Path(".freshet")
LOOPBACK = ("127.0.0.1", "localhost")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only-servers", action="store_true", help="Kafka and Redis alone")


def run(args: argparse.Namespace, settings: Settings) -> int:
    if settings.redis.cluster:
        raise CommandError(
            "redis.cluster is set, and `freshet up` starts one Redis: see `freshet worker`, refresh, api"
        )
    kafka, redis = urlparse(f"//{settings.kafka.bootstrap}"), urlparse(settings.redis.url)
    for name, place in (("kafka.bootstrap", kafka), ("redis.url", redis)):
        if place.hostname not in LOOPBACK:
            raise CommandError(
                f"{name} names {place.hostname}, which is not this machine: servers that run already are used by "
                "`freshet worker`, `freshet refresh` and `freshet api` directly"
            )
    names = [] if args.only_servers else ["worker", "refresh", "api"]
    extra = [(name, command(name, args)) for name in names]
    try:
        status = up(DATA_DIR, kafka.port or 9092, redis.port or 6379, extra)
    except StackError as error:
        raise CommandError(str(error)) from None
    print(f"Kafka {status['bootstrap_servers']} · Redis {status['redis_url']} · logs in {DATA_DIR / 'logs'}")
    if names:
        print(
            f"API and dashboard: http://{settings.api.host}:{settings.api.port}/ · `freshet down` ends it all"
        )
    return 0


def command(name: str, args: argparse.Namespace) -> list[str]:
    """The command line of one process, under the settings that `up` was given."""
    config = ["--config", str(args.config.resolve())] if args.config else []
    return Service(name, arguments=config, overrides=args.overrides, log_dir=DATA_DIR / "logs").command
