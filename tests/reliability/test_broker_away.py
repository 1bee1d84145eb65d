"""The broker killed with -9 for a while, or its disk full, under load: everybody waits and goes on by himself."""

import resource
import time

from disturbed import OUTAGE_S, Customers, DisturbedShop, Onlooker, outlast, post, tell
from shop import wait_for


def test_a_killed_broker_costs_time_and_nothing_else(shop: DisturbedShop) -> None:
    worker = shop.worker()
    with shop.api(), worker, Customers(shop, 60) as customers, Onlooker(shop) as onlooker:
        outlast(shop, shop.stack.kafka, customers)
        still_the_same = worker.running

    tell(f"broker killed for {OUTAGE_S:.0f} s", onlooker, customers)
    assert still_the_same
    assert onlooker.statuses() == {200}
    assert not customers.told_as_lost


def test_a_disk_full_for_the_log_is_an_outage_until_there_is_room(shop: DisturbedShop) -> None:
    """The kernel lets the broker write no file any further, as on a full disk: it ends itself, as Kafka does."""
    broker, worker = shop.stack.kafka, shop.worker()
    with shop.api(), worker, Customers(shop, 60) as customers, Onlooker(shop) as onlooker:
        wait_for("a list", lambda: shop.published("user-0"))
        assert broker.pid
        resource.prlimit(broker.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        wait_for("its end", lambda: not broker.running)
        event = {"event_id": "e", "user_id": "user-0", "ts": time.time_ns() // 1_000_000, "item_id": "i"}
        posted = post(shop, {"topic": "ratings", "value": {**event, "rating": 5}})
        held = len(customers.sent)
        broker.start()
        wait_for("customers again", lambda: len(customers.sent) > held + 120)
        customers.__exit__()
        shop.assert_as_undisturbed(customers)
        assert worker.running

    tell("disk full for the broker's log", onlooker, customers)
    assert posted == 503
    assert onlooker.statuses() == {200}
    assert not customers.told_as_lost
