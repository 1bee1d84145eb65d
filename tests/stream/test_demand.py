"""Demand in a worker that is killed: each purchase counts once, as in a fold of the log without a break."""

import json
import time

import msgspec
import pytest
from shop import Shop, wait_for

from freshet.contract.signals import unpack_signals
from online_model.demand import ShopDemand
from online_model.item_rows import unpack_row
from online_model.item_table import ItemTable
from online_model.segments import Segment, Segments
from online_model.tables import SOLD

EVENTS, ITEMS = 900, 20


def events() -> list[tuple[str, str, bytes]]:
    made = []
    for n in range(EVENTS):
        topic = "purchases" if n % 5 == 4 else "clicks"
        value = {
            "event_id": f"e{n}",
            "user_id": f"user-{n % 31}",
            "ts": 1_700_000_000_000 + 300_000 * n,
            "item_id": f"item-{n * n % ITEMS}",
            "quantity": 1 + n % 3,
        }
        made.append((topic, value["user_id"], json.dumps(value).encode()))
    return made


def folded(shop: Shop) -> tuple[ItemTable, ShopDemand]:
    """The signals' log from its beginning, each source once."""
    table, demand, newest = ItemTable(shop.settings.model), ShopDemand(), {}
    for message in shop.messages("freshet.item-signals"):
        for signal in unpack_signals(message.value):
            source, step = (signal.topic, signal.partition), signal.step
            if signal.offset > newest.get(source, -1):
                newest[source] = signal.offset
                place = table.add(step.item)
                known = bool(table.stats["first_ts"][place])
                demand.learn(table.levels(place), known, int(step.kind), step.units, step.ts)
                table.absorb(step)
    return table, demand


@pytest.mark.timeout(240)
def test_killed_in_mid_stream_demand_is_the_fold_of_the_log_to_the_last_bit(shop: Shop) -> None:
    worker, made = shop.worker(), events()
    for part in range(3):
        worker.start()
        for topic, user, value in made[part * EVENTS // 3 : (part + 1) * EVENTS // 3]:
            shop.send(topic, value, key=user)
        if part < 2:
            wait_for("some of the events", lambda: shop.gauges().total("freshet_events_consumed_total") > 20)
            time.sleep(0.3)
            worker.kill()
    wait_for("all events", lambda: units(shop) >= EVENTS)
    time.sleep(3 * shop.settings.worker.flush_s)  # whatever counted twice would show by now
    worker.stop()

    table, demand = folded(shop)
    assert shop.redis.get(shop.keys.demand(0)) == demand.dump()
    for place, item in enumerate(table.vocabulary.names):
        stored = unpack_row(shop.redis.get(shop.keys.row(item)))
        assert stored.heat[SOLD:].tolist() == table.heat[SOLD:, place].tolist(), item


def units(shop: Shop) -> int:
    rows = [shop.redis.get(shop.keys.row(f"item-{n}")) for n in range(ITEMS)]
    return sum(
        int(stats[name])
        for row in rows
        if row
        for stats in [unpack_row(row).stats]
        for name in ("clicks", "purchases")
    )


def test_segments_learn_each_event_once(shop: Shop) -> None:
    """Lamp people and book people: two segments, each with its items."""
    for n in range(8):
        described = json.dumps({"item_id": f"item-{n}", "category": "lamps" if n % 2 else "books"}).encode()
        shop.send("items", described, key=f"item-{n}")
    with shop.worker():
        wait_for(
            "the catalogue", lambda: all(shop.redis.get(shop.keys.description(f"item-{n}")) for n in range(8))
        )
        for n in range(120):
            item = f"item-{2 * (n // 7 % 4) + n % 2}"
            value = {
                "event_id": f"s{n}",
                "user_id": f"u{n % 2}",
                "ts": 1_700_000_000_000 + n,
                "item_id": item,
            }
            shop.send("clicks", json.dumps(value).encode(), key=f"u{n % 2}")
        segments = wait_for("all events", lambda: (told := stored_segments(shop))[1] == 120 and told[0])

    tops = {frozenset(item for item, _ in segments.top(n)) for n in range(len(segments))}
    assert tops == {frozenset(f"item-{n}" for n in range(first, 8, 2)) for first in (0, 1)}


def stored_segments(shop: Shop) -> tuple[Segments, int]:
    """With the number of events that joined them."""
    dumps = {int(field): data for field, data in shop.redis.hgetall(shop.keys.segments()).items()}
    joined = sum(msgspec.msgpack.decode(data[1:], type=Segment).joined for data in dumps.values())
    return Segments.load(dumps), joined
