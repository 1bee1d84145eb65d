"""Redis killed, emptied, put back to an older state: the state comes back from the log by itself."""

import shutil
import time
from pathlib import Path

import pytest
from disturbed import OUTAGE_S, Customers, DisturbedShop, Onlooker, outlast, tell
from shop import wait_for


def test_a_killed_redis_costs_time_and_nothing_else(shop: DisturbedShop) -> None:
    worker = shop.worker()
    with shop.api(), worker, Customers(shop, 60) as customers, Onlooker(shop) as onlooker:
        outlast(shop, shop.stack.redis, customers)
        again = shop.gauges().total("freshet_begun_again_total")
        still_the_same = worker.running

    tell(f"Redis killed for {OUTAGE_S:.0f} s", onlooker, customers)
    assert still_the_same
    assert again == 0  # its file had everything
    assert any(stale for _, _, stale, _ in onlooker.seen)
    assert onlooker.statuses() <= {200, 503}


def test_a_worker_that_starts_without_redis_begins_when_it_is_there(shop: DisturbedShop) -> None:
    shop.stack.redis.kill()
    with Customers(shop, 60) as customers, shop.worker() as worker:
        log = shop.log_dir / "worker.log"
        wait_for("it says so", lambda: "this worker waits" in log.read_text())
        wait_for("some events", lambda: len(customers.sent) > 150)
        assert shop.gauges().total("freshet_refused") == 0  # nothing is wrong with the state
        shop.stack.redis.start()
        wait_for("it begins", lambda: shop.published("user-0"))
        customers.__exit__()
        shop.assert_as_undisturbed(customers)
        assert worker.running
        assert log.read_text().count("this worker waits") == 1


def emptied(shop: DisturbedShop, _: Path) -> None:
    shop.redis.flushall()


def put_back(shop: DisturbedShop, snapshot: Path) -> None:
    """As an operator does: the server stopped, its files replaced by the snapshot of before, and started."""
    server = shop.stack.redis
    server.kill()
    shutil.rmtree(server.data_dir)
    shutil.copytree(snapshot, server.data_dir)
    server.start()


def copy_of_now(shop: DisturbedShop, into: Path) -> Path:
    shop.redis.bgrewriteaof()
    wait_for("the rewrite", lambda: not shop.redis.info("persistence")["aof_rewrite_in_progress"])
    shop.redis.config_set("appendonly", "no")  # the files stand still while they are copied
    shutil.copytree(shop.stack.redis.data_dir, into / "snapshot")
    shop.redis.config_set("appendonly", "yes")
    wait_for("the file", lambda: not shop.redis.info("persistence")["aof_rewrite_in_progress"])
    return into / "snapshot"


@pytest.mark.parametrize("lose", [emptied, put_back])
@pytest.mark.parametrize("customers_come", [True, False], ids=["under-load", "idle"])
def test_what_redis_lost_comes_back_from_the_log(
    shop: DisturbedShop, tmp_path: Path, lose: object, customers_come: bool
) -> None:
    with shop.api(), shop.worker(), Onlooker(shop) as onlooker:
        with Customers(shop, 60) as customers:
            wait_for("some events", lambda: len(customers.sent) > 150)
            snapshot = copy_of_now(shop, tmp_path)
            wait_for("more events", lambda: len(customers.sent) > 300)
            if customers_come:
                lose(shop, snapshot)
                wait_for("still more", lambda: len(customers.sent) > 600)
        if not customers_come:
            shop.assert_as_undisturbed(customers)
            wait_for("rows at rest", lambda: settled(shop))
            before = shop.items_state()
            lose(shop, snapshot)
        shop.assert_as_undisturbed(customers)
        wait_for("noticed", lambda: shop.gauges().total("freshet_begun_again_total") > 0)
        if not customers_come:
            wait_for("rows, demand and watermarks as they were", lambda: shop.items_state() == before)
        assert shop.published("user-0")
        wait_for("an answer that is not stale", lambda: not onlooker.seen[-1][2])

    tell(f"Redis {lose.__name__}, {'under load' if customers_come else 'idle'}", onlooker, customers)
    assert not onlooker.went_back()
    assert any(stale for _, _, stale, _ in onlooker.seen)
    assert onlooker.statuses() <= {200, 503}


def settled(shop: DisturbedShop) -> bool:
    before = shop.items_state()
    time.sleep(2 * shop.settings.worker.flush_s)
    return shop.items_state() == before
