"""Two workers share the partitions: one comes and goes, is killed, or wakes up after it was given up for dead,
or their clocks are wrong.
"""

import json
import os
import signal
import time
from pathlib import Path

import pytest
from disturbed import Customers, DisturbedShop, Onlooker, tell
from kafka.errors import InvalidTimestampError
from shop import wait_for

from freshet.contract.dead_letters import unpack_dead_letter
from freshet.services import Service


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


SKEWED = """
import time
for name, unit in (("time", 1), ("time_ns", 10**9)):
    setattr(time, name, lambda real=getattr(time, name), by={skew_s} * unit: real() + by)
"""


def start_with_skew(worker: Service, skew_s: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its clock is so far ahead: Python runs this before anything of ours."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SKEWED.format(skew_s=skew_s))
    with monkeypatch.context() as environment:
        environment.setenv("PYTHONPATH", str(folder))
        worker.start()


def test_workers_whose_clocks_are_two_hours_wrong(
    shop: DisturbedShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is ahead, one behind; events dated an hour ahead are refused by both, all others count."""
    ahead, behind = shop.worker(), shop.another_worker(2)
    start_with_skew(ahead, 7200, tmp_path / "ahead", monkeypatch)
    start_with_skew(behind, -7200, tmp_path / "behind", monkeypatch)
    wrong = [
        {"event_id": f"w{n}", "user_id": f"w{n}", "ts": int(time.time() * 1000) + 3_600_000, "item_id": "i"}
        for n in range(12)
    ]
    with ahead, behind:
        with Customers(shop, 60) as customers:
            wait_for("some events", lambda: len(customers.sent) > 150)
        for event in wrong:
            shop.send("purchases", json.dumps(event).encode(), key=event["user_id"])
        shop.assert_as_undisturbed(customers)
        letters = wait_for(
            "dead letters",
            lambda: len(found := shop.messages("freshet.dead-letters")) == len(wrong) and found,
        )
        shares = {m.partition for topic in ("clicks", "carts") for m in shop.messages(topic)}

    refused_ms = [unpack_dead_letter(letter.value).refused_ms / 1000 - time.time() for letter in letters]
    assert min(refused_ms) < -7000 and max(refused_ms) > 6000  # by their own clocks: both took part
    assert len(shares) == shop.settings.kafka.partitions
    for letter in letters:
        told = unpack_dead_letter(letter.value)
        assert "ahead of its Kafka timestamp" in told.reason
        assert abs(letter.timestamp / 1000 - time.time()) < 600  # the broker's time


def test_a_sender_whose_clock_is_ahead_is_told(shop: DisturbedShop) -> None:
    """Its events would count as newer than everybody's: the broker does not take them, and its client says so."""
    soon_ms = int(time.time() * 1000) + 3_600_000
    event = {"event_id": "e", "user_id": "u", "ts": soon_ms, "item_id": "i"}
    sent = shop.producer.send(
        shop.prefix + "clicks", key=b"u", value=json.dumps(event).encode(), timestamp_ms=soon_ms
    )

    with pytest.raises(InvalidTimestampError):
        sent.get(30)
