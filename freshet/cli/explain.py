"""`freshet explain USER ITEM`: why the item scores as it does for the shopper, task by task, as bars."""

import argparse
import asyncio
from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from freshet.cli import CommandError
from freshet.contract import blobs
from freshet.contract.torn import Salvage
from freshet.security.pseudonyms import front_keys
from freshet.security.secret import without_password
from freshet.settings import Settings
from freshet.task_settings import TaskSettings
from online_model.explain import TaskParts
from online_model.kinds import Kind
from serving.problem import Problem
from serving.reads import Reads, RedisAway
from serving.scoring import Explained, Scorer
from serving.services import connect
from serving.state import served_model
from serving.trending import Trending

BAR = 12  # characters of the longest bar


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user", metavar="USER")
    parser.add_argument("item", metavar="ITEM")


def run(args: argparse.Namespace, settings: Settings) -> int:
    try:
        explained = asyncio.run(explain(settings, args.user, args.item))
    except RedisAway:
        raise CommandError(
            f"Redis does not answer at {without_password(settings.redis.url)}; see redis.url"
        ) from None
    except Problem as problem:
        raise CommandError(problem.detail) from None
    console = Console()
    console.print(heading(args.user, explained), highlight=False)
    for task, parts in zip(settings.pair_tasks, explained.told.tasks, strict=True):
        console.print(table(task, parts))
    return 0


async def explain(settings: Settings, user: str, item: str) -> Explained:
    """As the lookup API computes it, from what Redis holds now."""
    redis, keys = connect(settings), front_keys(settings)
    try:
        salvage = Salvage(lambda _: None)  # the log tells of what is torn
        reads = Reads(redis, partial(blobs.get, redis), most=1, salvage=salvage)
        trending = Trending(redis, keys, settings.kafka.item_partitions, salvage)
        scorer = Scorer(settings, reads, keys, served_model(redis, keys, salvage), trending)
        return await scorer.explain(user, item)
    finally:
        await redis.aclose()


def heading(user: str, explained: Explained) -> str:
    told, cause = explained.told, explained.told.cause
    who = (
        f"shopper {user}" if explained.event_ts is not None else f"shopper {user}, of whom nothing is known,"
    )
    by = {"asked": "nothing proposes it"}.get(told.source, f"proposed by {told.source.replace('_', ' ')}")
    because = f", because of a {Kind(cause.kind).name.lower()} on {cause.item}" if cause else ""
    return f"{told.item} for {who}: {by}{because}; encoder {explained.encoder}, {explained.learned:,} examples learned"


def table(task: TaskSettings, parts: TaskParts) -> Table:
    """One task's parts, largest first, each with its bar: left of the line against, right of it for."""
    low, high = task.range if task.kind == "regression" else (0.0, 1.0)
    shown = Table(box=None, padding=(0, 1, 0, 0), title_justify="left", show_header=False)
    shown.title = f"\n{task.name}: {low + (high - low) * parts.p:.4g}, from a score of {parts.score:+.3f}"
    largest = sorted(parts.parts.items(), key=lambda entry: -abs(entry[1]))
    scale = max((abs(part) for part in parts.parts.values()), default=0) or 1.0
    for name, part in largest:
        if part:
            shown.add_row(name, f"{part:+.3f}", bar(part / scale))
    return shown


def bar(share: float) -> Text:
    """
    >>> bar(-0.5).plain, bar(1.0).plain
    ('      ██████│            ', '            │████████████')
    """
    block = "█" * round(abs(share) * BAR)
    left, right = (block, "") if share < 0 else ("", block)
    return Text.assemble((left.rjust(BAR), "red"), "│", (right.ljust(BAR), "green"))
