"""`freshet rebuild`: forget the state, and let the workers make it anew from the log."""

import argparse
import sys
import time

from kafka.errors import KafkaError
from redis.exceptions import RedisError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from freshet.cli import CommandError
from freshet.contract.keys import Keys
from freshet.rebuild import count, delete, done, log_now
from freshet.security.connections import connect_redis
from freshet.settings import Settings

LOOK_S = 0.5
NOBODY_S = 30.0  # without any progress: a worker needs 10 s to start


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="delete without asking")


def run(args: argparse.Namespace, settings: Settings) -> int:
    console, keys = Console(highlight=False), Keys.of(settings)
    try:
        client = connect_redis(settings.redis, socket_timeout=None)  # it deletes all in one step
        log = log_now(settings.kafka)
        total = sum(stretch.end - stretch.first for stretch in log)
        console.print("This deletes from Redis, and makes it anew from the log:")
        for what, number in count(client, keys).items():
            console.print(f"  {number:>12,}  {what}")
        console.print(
            f"The log holds {total:,} messages. What is older than the log is lost. "
            "Published lists serve until there are new ones."
        )
        if not args.yes and not _agreed():
            console.print("nothing was deleted")
            return 1
        console.print(f"{delete(client, keys):,} keys deleted; the workers notice by themselves")
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
        ) as progress:
            task = progress.add_task("folding the log", total=total)
            moved_at, before = time.monotonic(), -1
            while (now := done(client, keys, log)) < total:
                if now != before:
                    moved_at, before = time.monotonic(), now
                elif time.monotonic() - moved_at > NOBODY_S:
                    raise CommandError(
                        f"nothing has moved for {NOBODY_S:.0f} s: is a `freshet worker` running? The state "
                        "is deleted; the next worker that starts makes it anew"
                    )
                progress.update(task, completed=now)
                time.sleep(LOOK_S)
            progress.update(task, completed=total)
    except KafkaError as error:
        raise CommandError(f"no Kafka at {settings.kafka.bootstrap}: {error}; see kafka.bootstrap") from None
    except RedisError as error:
        raise CommandError(f"Redis does not answer: {error}; see redis.url") from None
    console.print("the state is as the log says")
    return 0


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise CommandError("nobody is here to ask; say --yes to delete")
    return input("Go on? Type yes: ").strip() == "yes"
