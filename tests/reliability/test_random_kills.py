"""`kill -9` of any process at random moments, under load: workers, API, refresh, broker and Redis.

RELIABILITY_KILLS    how many in the run: 5, and 20 for the figures in docs/reliability.md
RELIABILITY_SEED     of what is killed, and when: 1
"""

import json
import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from disturbed import Customers, DisturbedShop, Onlooker, tell
from folds import live
from shop import wait_for

from freshet.local import StackError
from freshet.local.ports import free_port
from freshet.local.server import Server
from freshet.services import Service, answers

KILLS = int(os.environ.get("RELIABILITY_KILLS", "5"))
SEED = int(os.environ.get("RELIABILITY_SEED", "1"))
BETWEEN_S, DOWN_S = (0.3, 3.0), (0.0, 1.5)
TRIES = 30  # a worker ends by itself when there is no broker for 5 s

CROWD = 1_200  # events before, enough to judge an encoder by


class Supervised:
    """A process that is started again after each end, as its supervisor would. failed: starts that came to nothing."""

    def __init__(self, process: Server) -> None:
        self.process, self.failed = process, 0
        self._starter = ThreadPoolExecutor(max_workers=1)

    def start(self, after_s: float = 0.0) -> None:
        """Beside what else happens: whoever wants to may kill it while it starts."""
        self._starter.submit(self._start, after_s)

    def _start(self, after_s: float) -> None:
        time.sleep(after_s)
        for _ in range(TRIES):
            with suppress(StackError):
                self.process.start()
                return
            self.failed += 1

    def runs(self) -> bool:
        """Whether it is there, once no start is under way any more; if not, it has ended by itself."""
        self._starter.shutdown()
        return self.process.running


@pytest.mark.timeout(180 + 20 * KILLS)
def test_any_process_killed_at_random_moments_costs_time_and_nothing_else(shop: DisturbedShop) -> None:
    chance, killed = random.Random(SEED), Counter[str]()
    shop.overrides.append("refresh.every_s=3")
    ours = {
        "worker": shop.worker(),
        "other worker": shop.another_worker(2),
        "API": shop.api(),
        "refresh": refresh_of(shop),
    }
    processes = {**ours, "broker": shop.stack.kafka, "Redis": shop.stack.redis}
    supervised = {name: Supervised(process) for name, process in processes.items()}
    with ExitStack() as at_end:
        for name, process in ours.items():
            at_end.callback(process.stop)
            supervised[name].start()
        wait_for("all to start", lambda: all(process.is_ready() for process in ours.values()))
        crowd(shop)
        wait_for("an encoder, which the learner is to switch to under fire", lambda: wanted(shop))
        customers = at_end.enter_context(Customers(shop, 60))
        onlooker = at_end.enter_context(Onlooker(shop))
        wait_for("a list", lambda: shop.published("user-0"))
        while killed.total() < KILLS:
            time.sleep(chance.uniform(*BETWEEN_S))
            name = chance.choice([name for name, process in processes.items() if process.running])
            processes[name].kill()
            killed[name] += 1
            supervised[name].start(after_s=chance.uniform(*DOWN_S))
        ended = [name for name, one in supervised.items() if not one.runs()]
        assert not ended
        before = len(customers.sent)
        wait_for("customers again", lambda: len(customers.sent) > before + 120)
        customers.__exit__()
        ours["refresh"].stop()
        wait_for("the encoder wanted", lambda: wanted(shop) in (live(shop), None))
        shop.assert_as_undisturbed(customers)
        encoders = len(list(Path(shop.settings.refresh.models_dir).glob("*/manifest.json")))
        onlooker.__exit__()

    failed = {name: one.failed for name, one in supervised.items() if one.failed}
    tell(f"killed, seed {SEED}: {dict(killed)}", onlooker, customers)
    print(f"starts that came to nothing: {failed}; encoders kept: {encoders}, {live(shop)} serves")
    assert onlooker.statuses() <= {0, 200, 503}
    assert not customers.told_as_lost


def crowd(shop: DisturbedShop) -> None:
    """Shoppers who keep to a category each: there is something to learn."""
    for n in range(CROWD):
        event = {
            "event_id": f"c{n}",
            "user_id": f"visitor-{n % 30}",
            "ts": time.time_ns() // 1_000_000 - 60_000 * (CROWD - n),
            "item_id": f"{n % 5}-{n * n % 17}",
        }
        shop.send("clicks", json.dumps(event).encode(), key=event["user_id"])


def refresh_of(shop: DisturbedShop) -> Service:
    port = free_port()
    overrides = [*shop.overrides, f"refresh.metrics_port={port}"]
    url = f"http://127.0.0.1:{port}/metrics"
    return Service("refresh", overrides=overrides, log_dir=shop.log_dir, ready=lambda: answers(url))


def wanted(shop: DisturbedShop) -> str | None:
    found = shop.redis.hget(shop.keys.model(), "wanted")
    return found.decode() if found else None
