"""A click farm is held back, counted and named; a crowd is not."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter
from shop import Shop, wait_for

from online_model.item_rows import unpack_row
from stream.pushes import ACCOUNTS, ITEMS_MOST, OUTNUMBER, Pushes

START_MS = 1_700_000_000_000
MINUTE_MS = 60_000


@pytest.fixture
def found() -> Counter:
    return Counter("pushed", "For one test.", registry=CollectorRegistry())


def told(found: Counter) -> float:
    return found.collect()[0].samples[0].value


def test_a_few_accounts_beyond_their_share_are_a_push_once_an_hour(found: Counter) -> None:
    pushes = Pushes(found)

    after = []
    for n in range(2 * ACCOUNTS):
        pushes.see(f"u{n % ACCOUNTS}", "pushed", START_MS + n, "lavish")
        after.append(told(found))
    pushes.see("u0", "pushed", START_MS + 60 * MINUTE_MS, "lavish")

    assert after == [0] * (ACCOUNTS - 1) + [1] * (ACCOUNTS + 1)
    assert told(found) == 1, "a new hour begins with one account"


def test_one_account_alone_or_a_crowd_around_it_is_none(found: Counter) -> None:
    pushes = Pushes(found)

    for n in range(100):
        pushes.see("keen", "liked", START_MS + n, "lavish")
        for other in ("", "repeated"):
            pushes.see(f"u{n}", "popular", START_MS + n, other)
        pushes.see(f"u{n % 9}", "popular", START_MS + n, "lavish")

    assert told(found) == 0 and OUTNUMBER > 0.5


def test_what_is_watched_is_bounded(found: Counter) -> None:
    pushes = Pushes(found)

    for n in range(3 * ITEMS_MOST):
        pushes.see("u", f"item-{n}", START_MS, "hasty")

    assert len(pushes._items) == ITEMS_MOST


@pytest.mark.timeout(240)
@pytest.mark.parametrize("shop", [{"model__influence_ms": "86400000"}], indirect=True)
def test_a_farm_through_the_worker_moves_a_row_by_one_an_account_and_is_named(
    shop: Shop, tmp_path: Path
) -> None:
    farm, honest, each = [f"farm-{n}" for n in range(8)], [f"user-{n}" for n in range(3)], 25
    log = [(user, n) for n in range(each) for user in farm] + [(user, 0) for user in honest]
    for count, (user, n) in enumerate(log):
        click = {
            "event_id": f"e{count}",
            "user_id": user,
            "ts": START_MS + n * MINUTE_MS,
            "item_id": "pushed",
        }
        shop.send("clicks", json.dumps(click).encode(), key=user)

    with shop.worker():
        wait_for("all events", lambda: shop.gauges().total("freshet_events_total") == len(log))
        row = wait_for("the row", lambda: shop.redis.get(shop.keys.row("pushed")))
        clicks = wait_for("all accounts", lambda: whole(shop, len(farm) + len(honest)))
        gauges = shop.gauges()

    assert row and clicks == len(farm) + len(honest)
    assert gauges.total("freshet_capped_events_total") == len(farm) * (each - 1)
    assert gauges.total("freshet_pushed_items_total") == 1
    places, new = (gauges.total("freshet_listed_items_total", group=group) for group in ("places", "new"))
    assert places == new > 0, "the one item there is was first seen within model.new_days"
    named = re.search(r"item 'pushed' is pushed: (\d+) accounts", (tmp_path / "worker.log").read_text())
    assert named and 3 <= int(named[1]) <= len(farm)  # as many as the batch held that told it


def whole(shop: Shop, clicks: int) -> int:
    counted = int(unpack_row(shop.redis.get(shop.keys.row("pushed"))).stats["clicks"])
    return counted if counted >= clicks else 0
