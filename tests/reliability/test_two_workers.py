"""Two workers share the partitions: one comes and goes, is killed, or wakes up after it was given up for dead,
or their clocks are wrong.
"""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from disturbed import Customers, DisturbedShop, Onlooker, tell
from kafka.errors import InvalidTimestampError
from owners import Owners
from shop import wait_for

from freshet.contract.dead_letters import unpack_dead_letter
from freshet.services import Service

SHARED_S = 6.0  # so much longer may a takeover or a gap be on a machine that others use


def applied(shop: DisturbedShop) -> list[int]:
    """By watermark: what each of the clicks' partitions has come to."""
    partitions = range(shop.settings.kafka.partitions)
    return [
        int(value or 0) for value in shop.redis.mget([shop.keys.watermark("clicks", p) for p in partitions])
    ]


def pause(worker: Service, customers: Customers, rate: int, pause_s: float) -> None:
    """Stopped in mid-work, then continued: what it still has in hand must not count."""
    assert worker.pid
    os.killpg(worker.pid, signal.SIGSTOP)
    before = len(customers.sent)
    wait_for("its session is over", lambda: len(customers.sent) > before + pause_s * rate)
    os.killpg(worker.pid, signal.SIGCONT)


def test_workers_join_leave_are_paused_and_killed_and_nothing_is_lost_or_counted_twice(
    shop: DisturbedShop,
) -> None:
    other, rate, session_s = shop.another_worker(2), 60, shop.settings.kafka.session_timeout_s
    with (
        shop.api(),
        shop.worker(),
        Customers(shop, rate) as customers,
        Onlooker(shop) as onlooker,
        Owners(shop) as owners,
    ):

        def work(what: str, seconds: float) -> None:
            before = len(customers.sent)
            wait_for(what, lambda: len(customers.sent) > before + seconds * rate)

        wait_for("a list", lambda: shop.published("user-0"))
        other.start()
        work("both at work", 3)
        pause(other, customers, rate, session_s + 4)
        work("it is back", 4)
        assert other.running
        other.stop()
        work("one alone", 2)
        other.start()
        work("both at work again", 3)
        other.kill()
        killed_at, then = time.monotonic(), applied(shop)
        wait_for(
            "every partition's owner",
            lambda: all(now > was for now, was in zip(applied(shop), then, strict=True)),
        )
        took_s = time.monotonic() - killed_at
        customers.__exit__()
        shop.assert_as_undisturbed(customers)

    stayed_s = owners.longest_s(stayed=True)
    tell(
        f"a worker joins, is paused past its session, leaves, joins, is killed: takeover within {took_s:.1f} s, "
        f"nothing in a partition that stays for {stayed_s:.2f} s at most",
        onlooker,
        customers,
    )
    assert onlooker.statuses() == {200}
    assert took_s < session_s + 2 + SHARED_S
    assert stayed_s < 1 + SHARED_S


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

    def is_refused() -> bool:
        sent = shop.producer.send(
            shop.prefix + "clicks", key=b"u", value=json.dumps(event).encode(), timestamp_ms=soon_ms
        )
        with suppress(InvalidTimestampError):
            sent.get(30)
        return isinstance(sent.exception, InvalidTimestampError)

    wait_for("the broker to have heard of the bound", is_refused)  # it is told of it after the topic is made
