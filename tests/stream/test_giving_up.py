"""Whatever part of Faust or its Kafka client dies, the process ends at once, for its supervisor to start it again."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shop import Shop, wait_for

from freshet.services import set_arguments

BREAKING = Path(__file__).with_name("breaking_worker.py")


def click(shop: Shop, event_id: str) -> None:
    now_ms = time.time_ns() // 1_000_000
    event = {"event_id": event_id, "user_id": "user-1", "ts": now_ms, "item_id": "item-1"}
    shop.send("clicks", json.dumps(event).encode(), key="user-1")


@pytest.mark.parametrize(
    "method",
    [
        "aiokafka.consumer.fetcher:Fetcher._get_actions_per_node",
        "aiokafka.consumer.group_coordinator:GroupCoordinator.ensure_coordinator_known",
        "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.commit",
    ],
)
def test_a_worker_that_can_do_nothing_does_not_stay(shop: Shop, tmp_path: Path, method: str) -> None:
    broken, log = tmp_path / "broken", tmp_path / "worker.log"
    freshet = ["worker", *set_arguments(shop.overrides)]
    command = [sys.executable, str(BREAKING), method, str(broken), *freshet]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as worker:
        try:
            click(shop, "a")
            wait_for("a list", lambda: shop.published("user-1"))
            broken.touch()
            click(shop, "b")
            assert worker.wait(20) == 70
        finally:
            worker.kill()

    told = log.read_text()
    assert "; the worker stops" in told and "RuntimeError: broken on purpose" in told
