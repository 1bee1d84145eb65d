"""The broker killed with -9 for a while, under load: everybody waits and goes on by himself."""

import time

from disturbed import OUTAGE_S, Customers, DisturbedShop, Onlooker, tell
from shop import wait_for


def test_a_killed_broker_costs_time_and_nothing_else(shop: DisturbedShop) -> None:
    worker = shop.worker()
    with shop.api(), worker, Customers(shop, 60) as customers, Onlooker(shop) as onlooker:
        wait_for("a list", lambda: shop.published("user-0"))
        time.sleep(1)
        shop.stack.kafka.kill()
        time.sleep(OUTAGE_S)
        shop.stack.kafka.start()
        before = len(customers.sent)
        wait_for("customers again", lambda: len(customers.sent) > before + 120)
        customers.__exit__()
        shop.assert_as_undisturbed(customers)
        still_the_same = worker.running

    tell(f"broker killed for {OUTAGE_S:.0f} s", onlooker, customers)
    assert still_the_same
    assert onlooker.statuses() == {200}
    assert not customers.told_as_lost
