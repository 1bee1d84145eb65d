"""Two workers share the partitions: one comes and goes, is killed, or wakes up after it was given up for dead."""

import os
import signal
import time

from disturbed import Customers, DisturbedShop, Onlooker, tell
from shop import wait_for


def applied(shop: DisturbedShop) -> list[int]:
    """By watermark: what each of the clicks' partitions has come to."""
    partitions = range(shop.settings.kafka.partitions)
    return [
        int(value or 0) for value in shop.redis.mget([shop.keys.watermark("clicks", p) for p in partitions])
    ]


def test_workers_join_leave_and_are_killed_and_nothing_is_lost_or_counted_twice(shop: DisturbedShop) -> None:
    other = shop.another_worker(2)
    with shop.api(), shop.worker(), Customers(shop, 60) as customers, Onlooker(shop) as onlooker:
        wait_for("a list", lambda: shop.published("user-0"))
        for leave in (other.stop, other.stop, other.kill):
            other.start()
            before = len(customers.sent)
            wait_for("both at work", lambda n=before: len(customers.sent) > n + 150)
            leave()
        killed_at = time.monotonic()
        then = applied(shop)
        wait_for(
            "every partition's owner",
            lambda: all(now > was for now, was in zip(applied(shop), then, strict=True)),
        )
        took_s = time.monotonic() - killed_at
        customers.__exit__()
        shop.assert_as_undisturbed(customers)

    tell(f"a worker joins, leaves, is killed: takeover within {took_s:.1f} s", onlooker, customers)
    assert onlooker.statuses() == {200}
    assert took_s < shop.settings.kafka.session_timeout_s + 20  # + 2 s on a machine that does nothing else


def test_a_worker_that_was_given_up_for_dead_overwrites_nothing(shop: DisturbedShop) -> None:
    """Stopped in mid-work for longer than its session, then continued: what it still has in hand must not count."""
    other = shop.another_worker(2)
    with shop.api(), shop.worker(), other, Customers(shop, 100) as customers, Onlooker(shop) as onlooker:
        wait_for("both at work", lambda: len(customers.sent) > 300)
        for _ in range(2):
            assert other.pid
            os.killpg(other.pid, signal.SIGSTOP)
            before = len(customers.sent)
            session = int(shop.settings.kafka.session_timeout_s + 4) * 100
            wait_for("its session is over", lambda n=before + session: len(customers.sent) > n)
            os.killpg(other.pid, signal.SIGCONT)
            before = len(customers.sent)
            wait_for("it is back", lambda n=before: len(customers.sent) > n + 300)
        customers.__exit__()
        shop.assert_as_undisturbed(customers)
        assert other.running

    tell("a worker paused for longer than its session, twice", onlooker, customers)
    assert onlooker.statuses() == {200}
