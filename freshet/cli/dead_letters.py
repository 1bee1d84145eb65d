"""`freshet dead-letters`: what was refused and why, and sending it again once the reason is gone."""

import argparse
from collections import Counter, deque
from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from freshet.cli import CommandError
from freshet.contract.dead_letters import DeadLetter
from freshet.contract.events import SCHEMAS
from freshet.dead_letter_log import read_letters
from freshet.delivery import Delivery, DeliveryError
from freshet.security.connections import kafka_options
from freshet.settings import Settings

SHOWN_BYTES = 160


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=["list", "replay"], help="show them, or send their bytes to their topics again"
    )
    parser.add_argument("--topic", choices=list(SCHEMAS), help="only those refused from this topic")
    parser.add_argument("--reason", metavar="TEXT", help="only those whose reason contains this")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="list: the newest N (default 50)")
    parser.add_argument("--follow", action="store_true", help="list: go on with those to come")
    parser.add_argument("--dry-run", action="store_true", help="replay: only say what would be sent")


def run(args: argparse.Namespace, settings: Settings) -> int:
    try:
        if args.action == "replay":
            return replay(args, settings)
        return show(args, settings)
    except ConnectionError as error:
        raise CommandError(f"{error}; see kafka.bootstrap") from None


def wanted(args: argparse.Namespace, settings: Settings, *, follow: bool = False) -> Iterator[DeadLetter]:
    """The letters that the arguments ask for, oldest first."""
    for letter in read_letters(settings.kafka, follow=follow):
        if args.topic in (None, letter.topic) and (args.reason or "").lower() in letter.reason.lower():
            yield letter


def show(args: argparse.Namespace, settings: Settings) -> int:
    console = Console()
    if args.follow:
        for letter in wanted(args, settings, follow=True):
            console.print(Text("  ".join(cells(letter))), soft_wrap=True)
    table = Table("refused (UTC)", "from", "key", "reason", "message")
    count = 0
    newest: deque[DeadLetter] = deque(maxlen=max(args.limit, 0))
    for letter in wanted(args, settings):
        count += 1
        newest.append(letter)
    for letter in newest:
        table.add_row(*map(Text, cells(letter)))
    if newest:
        console.print(table)
    console.print(f"{len(newest):,} of {count:,} dead letters", highlight=False)
    return 0


def cells(letter: DeadLetter) -> list[str]:
    """When, where it lay, key, reason, and the beginning of the message."""
    when = datetime.fromtimestamp(letter.refused_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    value = letter.value or b""
    shown = value[:SHOWN_BYTES].decode(errors="backslashreplace")
    more = f"… ({len(value):,} bytes)" if len(value) > SHOWN_BYTES else ""
    key = (letter.key or b"").decode(errors="backslashreplace")
    return [when, f"{letter.topic}[{letter.partition}]@{letter.offset}", key, letter.reason, shown + more]


def replay(args: argparse.Namespace, settings: Settings) -> int:
    """Send each again, as it was. What is still wrong with it will be refused again, as a new dead letter."""
    sent: Counter[str] = Counter()
    empty = 0
    try:
        with Delivery(**kafka_options(settings.kafka)) as delivery:
            for letter in wanted(args, settings):
                if letter.key is None and letter.value is None:
                    empty += 1  # nothing that could be sent
                    continue
                if not args.dry_run:
                    delivery.send(settings.kafka.prefix + letter.topic, letter.key, letter.value)
                sent[letter.topic] += 1
    except DeliveryError as error:
        raise CommandError(str(error)) from None
    by_topic = ", ".join(f"{topic} {count:,}" for topic, count in sorted(sent.items())) or "none"
    verb = "would be sent" if args.dry_run else "sent"
    print(
        f"{sent.total():,} dead letters {verb} again: {by_topic}" + (f"; {empty} were empty" if empty else "")
    )
    return 0
