"""The broker killed with -9 for a while, under load: everybody waits and goes on by himself."""

from disturbed import OUTAGE_S, Customers, DisturbedShop, Onlooker, outlast, tell


def test_a_killed_broker_costs_time_and_nothing_else(shop: DisturbedShop) -> None:
    worker = shop.worker()
    with shop.api(), worker, Customers(shop, 60) as customers, Onlooker(shop) as onlooker:
        outlast(shop, shop.stack.kafka, customers)
        still_the_same = worker.running

    tell(f"broker killed for {OUTAGE_S:.0f} s", onlooker, customers)
    assert still_the_same
    assert onlooker.statuses() == {200}
    assert not customers.told_as_lost
