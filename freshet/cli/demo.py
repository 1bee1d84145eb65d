"""`freshet demo`: real Kafka, real Redis, real events; about two minutes, then a summary."""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from freshet.cli import CommandError
from freshet.cli.format_path import format_path
from freshet.demo.story import Story, Stream
from freshet.local import LocalStack, StackError
from freshet.local.ports import free_port
from freshet.settings import Settings, load

SAMPLE = Path("../shared/data/taobao_userbehavior_head/UserBehavior_head.csv.gz")
EVENTS, RATE = 36_000, 400  # 90 s of stream: worker, API, refresh, broker and sender share two cores


def configure(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--data", metavar="FORMAT:PATH", help="stream this file (formats as in `freshet produce`)"
    )
    source.add_argument("--simulate", action="store_true", help="stream the built-in simulated shop")
    parser.add_argument(
        "--events", type=int, default=EVENTS, help=f"user events to stream (default {EVENTS:,})"
    )
    parser.add_argument("--rate", type=float, default=RATE, help=f"events a second (default {RATE})")
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")


def run(args: argparse.Namespace, settings: Settings) -> int:
    del settings  # the demo is a deployment of its own: it must not write into yours
    console = Console()
    stream = _stream(args)
    with tempfile.TemporaryDirectory(prefix="freshet-demo-") as folder, ExitStack() as running:
        console.print(f"Freshet demo: {stream.said}. Logs: {folder}/logs")
        console.print("starting Apache Kafka and Redis …")
        try:
            stack = running.enter_context(LocalStack(Path(folder)))
            overrides = _overrides(stack, Path(folder))
            story = Story(load(overrides=overrides), overrides, Path(folder) / "logs", console)
            story.tell(stream, running)
        except StackError as error:
            raise CommandError(str(error)) from None
        if args.keep:
            console.print(
                f"still running: API and dashboard {story.api_url}/ · worker metrics {story.metrics_url}"
            )
            console.print(f"Kafka {stack.bootstrap_servers} · Redis {stack.redis_url} · Ctrl-C ends it")
            while True:
                time.sleep(1)
    return 0


def _overrides(stack: LocalStack, folder: Path) -> list[str]:
    return [
        f"kafka.bootstrap={stack.bootstrap_servers}",
        f"redis.url={stack.redis_url}",
        f"worker.metrics_port={free_port()}",
        f"worker.web_port={free_port()}",
        f"refresh.metrics_port={free_port()}",
        f"api.port={free_port()}",
        f"refresh.models_dir={folder / 'models'}",
    ]


def _stream(args: argparse.Namespace) -> Stream:
    limits = ["--limit", str(args.events), "--rate", str(args.rate)]
    if args.data:
        name, path = format_path("--data", args.data)
        return Stream(
            ["--format", name, str(path), *limits], args.events, f"{args.events:,} events of {path}"
        )
    if SAMPLE.exists() and not args.simulate:
        return Stream(
            ["--format", "taobao", str(SAMPLE), *limits],
            args.events,
            f"{args.events:,} events of the Taobao sample",
        )
    return Stream(
        ["--format", "simulate", *limits], args.events, f"{args.events:,} events of the simulated shop"
    )
