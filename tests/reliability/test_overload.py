"""More events than a worker can do: profiles and learning go first, lists are put off, and all are made in the end."""

import time

import pytest
from disturbed import Customers, DisturbedShop
from shop import wait_for

from freshet.contract.events import decode
from freshet.settings import Worker

CROWD = [f"visitor-{n}" for n in range(701)]
BURST = 6_000


@pytest.fixture
def crowded(shop: DisturbedShop) -> DisturbedShop:
    """With batches as they are by default: they grow while the first event lingers."""
    shop.overrides.append(f"worker.linger_s={Worker().linger_s}")
    return shop


def newest(shop: DisturbedShop) -> dict[str, int]:
    """User → the moment of the newest event in the log."""
    found: dict[str, int] = {}
    for topic in ("clicks", "carts"):
        for message in shop.messages(topic):
            event = decode(topic, message.value, now_ms=2**62)
            found[event.user_id] = max(event.ts, found.get(event.user_id, 0))
    return found


def listed(shop: DisturbedShop) -> dict[str, int]:
    """User → the newest event that the list reflects."""
    lists = {user: shop.published(user) for user in CROWD}
    return {user: found.event_ts for user, found in lists.items() if found}


def due_in_redis(shop: DisturbedShop) -> int:
    return sum(shop.redis.scard(shop.keys.due(p)) for p in range(shop.settings.kafka.partitions))


def burst(shop: DisturbedShop) -> tuple[Customers, float]:
    """As fast as the SDK takes them, and how many a second that were."""
    began = time.monotonic()
    with Customers(shop, 1e6, CROWD) as customers:
        wait_for("the burst", lambda: len(customers.sent) >= BURST)
    return customers, len(customers.sent) / (time.monotonic() - began)


@pytest.mark.timeout(400)
def test_lists_are_put_off_and_made_when_there_is_time_even_by_another_worker(crowded: DisturbedShop) -> None:
    with crowded.worker() as worker:
        customers, rate = burst(crowded)
        wait_for("lists put off", lambda: due_in_redis(crowded) > 50)
        gauges = crowded.gauges()
        worker.kill()
    left = due_in_redis(crowded)
    with crowded.worker():
        crowded.assert_as_undisturbed(customers)
        wait_for("every list", lambda: listed(crowded) == newest(crowded))
        wait_for("nothing due", lambda: crowded.gauges().total("freshet_lists_due") == 0)
        after = crowded.gauges()
    put_off, made = (
        gauges.total(name) + after.total(name)
        for name in ("freshet_lists_deferred_total", "freshet_score_seconds_count")
    )
    print(f"\n{len(customers.sent)} events at {rate:,.0f}/s: {put_off:.0f} lists put off, {made:.0f} made")

    assert left > 50
    assert due_in_redis(crowded) == 0
    assert made < put_off
