"""The lines of `freshet sizing`: each says what is counted, how, and how many bytes that is."""

import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import lz4.frame  # type: ignore[import-untyped]

from freshet.contract.examples import MESSAGE_EXAMPLES, pack_examples
from freshet.contract.heads_state import pack_heads
from freshet.contract.keys import Keys
from freshet.contract.progress import Progress
from freshet.contract.signals import Signal, pack_signals
from freshet.settings import Settings
from freshet.sizing.full_shop import FullShop, Taught, click, description, name
from freshet.sizing.redis_memory import in_redis
from online_model.demand import ShopDemand
from online_model.item_table import ItemTable

SHOPPERS, SOME_ITEMS = 4, 2_000  # whose mean is taken
RECORD = 15  # bytes Kafka adds to a message beside key and value
BATCH_EVENTS = 50  # signals of so many events travel in a message
DAY_S = 86_400
WORKER_BASE = 350 * 2**20  # resident bytes of a worker that has just begun, compiled kernels among them


class Asked(NamedTuple):
    users: int
    items: int
    events_per_s: float


class Line(NamedTuple):
    """store: Redis, Kafka or worker. formula: with the numbers in it."""

    store: str
    what: str
    formula: str
    size: int


def lines(asked: Asked, settings: Settings) -> list[Line]:
    """Everything that grows with users, items or events, as large as the bounds let it become."""
    shop = FullShop(settings)
    taught = [shop.shopper(number) for number in range(SHOPPERS)]
    return [
        *_in_redis(asked, settings, shop, taught),
        *_in_kafka(asked, settings, taught),
        *_in_worker(asked, settings, shop, taught),
    ]


def _in_redis(asked: Asked, settings: Settings, shop: FullShop, taught: list[Taught]) -> list[Line]:
    keys, model = Keys.of(settings), settings.model
    user, item = name("user", 0), name("item", 0)

    def line(what: str, count: int, key: str, value: int, *, expires: bool) -> Line:
        each = in_redis(len(key), value, expires=expires)
        return Line("Redis", what, f"{count:,} × {each:,} B, of it {value:,} B the value", count * each)

    heads = len(pack_heads(shop.core.heads.dump(), Progress()))
    demand = settings.kafka.item_partitions * len(ShopDemand().dump())
    return [
        line(
            f"profiles, {model.history + model.slack} items and {model.open_rows} open rows each",
            asked.users,
            keys.profile(user),
            _mean(len(shop.profile(one)) for one in taught),
            expires=True,
        ),
        line(
            f"lists of {model.publish}",
            asked.users,
            keys.published(user),
            _mean(len(shop.published(one)) for one in taught),
            expires=True,
        ),
        line(
            f"rows, {model.neighbours} neighbours each",
            asked.items,
            keys.row(item),
            _mean(len(shop.row(number)) for number in range(50)),
            expires=True,
        ),
        line("descriptions", asked.items, keys.description(item), len(description(0)), expires=False),
        Line("Redis", "heads and demand", f"{heads:,} B + {demand:,} B", heads + demand),
    ]


def _in_kafka(asked: Asked, settings: Settings, taught: list[Taught]) -> list[Line]:
    kafka = settings.kafka
    examples = [example for one in taught for example in one.examples][:MESSAGE_EXAMPLES]
    steps = [step for one in taught for step in one.steps][:BATCH_EVENTS]
    packed = pack_examples(examples)
    compressed = len(lz4.frame.compress(packed))
    events = _mean(len(click(number)) for number in range(50)) + len(name("user", 0)) + RECORD
    signals = len(pack_signals([Signal(0, 0, n, step) for n, step in enumerate(steps)])) // len(steps)

    def line(what: str, each: int, days: float) -> Line:
        size = int(asked.events_per_s * each * days * DAY_S * kafka.replication)
        text = f"{asked.events_per_s:,.0f}/s × {each:,} B × {days:g} days × {kafka.replication} replicas"
        return Line("Kafka", what, text, size)

    catalogue = len(description(0)) + len(name("item", 0)) + RECORD
    return [
        line("events, before compression", events, kafka.events_days),
        line("item signals, before compression", signals, kafka.signals_days),
        line(
            f"examples, compressed to {compressed / len(packed):.0%}",
            compressed // len(examples),
            kafka.examples_days,
        ),
        Line(
            "Kafka",
            "items, compacted",
            f"{asked.items:,} × {catalogue:,} B × {kafka.replication} replicas",
            asked.items * catalogue * kafka.replication,
        ),
    ]


def _in_worker(asked: Asked, settings: Settings, shop: FullShop, taught: list[Taught]) -> list[Line]:
    dumps = [one.profile.dump(shop.core.items.vocabulary) for one in taught]
    profile = _held(lambda: [shop.core.profile(dump) for dump in dumps * 10], 10 * len(dumps))
    item = _held(lambda: _table(settings), SOME_ITEMS)
    profiles = min(settings.worker.profiles_cached, asked.users)
    items = min(settings.model.max_items, asked.items)
    return [
        Line("worker", "to begin with", "code, compiled kernels, buffers", WORKER_BASE),
        Line(
            "worker",
            "profiles, at most worker.profiles_cached",
            f"{profiles:,} × {profile:,} B",
            profiles * profile,
        ),
        Line("worker", "items, at most model.max_items", f"{items:,} × {item:,} B", items * item),
    ]


def _table(settings: Settings) -> ItemTable:
    table = ItemTable(settings.model)
    for number in range(SOME_ITEMS):
        table.add(name("item", number))
    return table


def _held(make: Callable[[], Any], count: int) -> int:
    """Bytes of memory that each of `count` takes once made."""
    make()  # what is only made once does not count
    tracemalloc.start()
    kept = make()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return size // count


def _mean(sizes: Iterable[int]) -> int:
    values = list(sizes)
    return round(sum(values) / len(values))
