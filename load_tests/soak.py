"""Three days of a shop in one run: does the memory of any process grow once every bound is reached? Wanted: no.

The simulated shop's people and items come and go, and every bound is small, so that each is reached in the first third
of the run. From then on a line fitted to each series may rise by at most 5 % of its mean. An API that is asked all the
time and a refresh each minute run too. --plot draws what was seen (needs matplotlib).
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import redis
from deployment import Deployment
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from soak_plot import draw
from soak_shop import DAY_MS, START_MS, comers_and_goers
from soak_visitor import Visitor

from freshet.contract.topics import ALL_TOPICS
from freshet.local import LocalStack
from freshet.producer import Producer
from freshet.services import answers

DAYS, EVERY_S, RISE_MOST = 3.0, 5.0, 0.05
BEHIND_MOST = 3_000  # events: more than worker.behind_events
KEPT_S = 120  # by the wall's clock: how long Kafka keeps anything
HEAP_MB = 128  # of the broker
BOUNDS = {
    "worker.profiles_cached": 1_000,
    "model.max_items": 5_000,
    "redis.user_ttl_s": 100,
    "redis.item_ttl_s": 100,
    "kafka.events_days": KEPT_S / 86_400,
    "kafka.signals_days": KEPT_S / 86_400,
    "kafka.examples_days": KEPT_S / 86_400,
    "refresh.every_s": 60,
    "refresh.window_examples": 3_000,
    "refresh.keep": 2,
}
SEGMENTS = {"segment.ms": "10000", "file.delete.delay.ms": "1000", "max.compaction.lag.ms": "20000"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=180_000)
    parser.add_argument(
        "--rate", type=float, default=280, help="events a second, at most: even, if the worker follows"
    )
    parser.add_argument("--json", type=Path, help="where to write what was seen")
    parser.add_argument("--plot", type=Path)
    args = parser.parse_args()
    seen = soak(args.events, args.rate)
    if args.json:
        args.json.write_text(json.dumps(seen))
    rises = {name: rise(seen["s"], values) for name, values in seen["series"].items()}
    for name, share in rises.items():
        values = seen["series"][name]
        print(f"{name}: {values[-1]:,.0f} MB at the end, {max(values):,.0f} at most; line {share:+.1%}")
    print(f"{seen['told']}; wanted: no line rises by more than {RISE_MOST:.0%}")
    if args.plot:
        draw(seen, rises, args.plot)
    return int(max(rises.values()) > RISE_MOST)


def soak(events: int, rate: float) -> dict[str, Any]:
    """Samples: "s" since the start, "days" of the shop's time, "series" of megabytes; "told" in a sentence."""
    with tempfile.TemporaryDirectory() as folder, LocalStack(Path(folder), heap_mb=HEAP_MB) as stack:
        deployment = Deployment(
            stack, Path(folder), "", *(f"{name}={value}" for name, value in BOUNDS.items())
        )
        small_segments(stack.bootstrap_servers)
        health = f"http://127.0.0.1:{deployment.settings.api.port}/healthz"
        worker, refresh = deployment.worker(), deployment.service("refresh")
        api = deployment.service("api", lambda: answers(health))
        with worker, refresh, api, redis.Redis.from_url(stack.redis_url) as client:
            groups = {"worker": worker, "API": api, "refresh": refresh, "broker": stack.kafka}
            people: deque[str] = deque(maxlen=1_000)
            shop = Shop(deployment, people, events, rate)
            times, days, series = [], [], dict[str, list[float]]()
            with shop, Visitor(deployment.settings.api.port, people) as visitor:
                while shop.is_alive():
                    time.sleep(EVERY_S)
                    times.append(time.monotonic() - shop.began)
                    days.append((shop.now_ms - START_MS) / DAY_MS)
                    now = {name: resident_mb(server.pid or 0) for name, server in groups.items()}
                    now["Redis"] = client.info("memory")["used_memory"] / 2**20
                    now["Kafka's log"] = folder_mb(stack.kafka.data_dir)
                    for name, megabytes in now.items():
                        series.setdefault(name, []).append(megabytes)
                    if len(times) % 12 == 0:
                        print(f"{times[-1]:,.0f} s, {shop.sent:,} events: {now}", file=sys.stderr, flush=True)
            gauges, taken_in = deployment.gauges(), deployment.taken_in()
            bounds = (
                f"{shop.people:,} people and {shop.items:,} items came and went, {client.dbsize():,} keys are left, "
                f"{gauges.total('freshet_profiles_cached'):,.0f} profiles and "
                f"{gauges.total('freshet_items_held'):,.0f} items in the worker's memory"
            )
    told = (
        f"{shop.sent:,} events, {shop.sent - taken_in:,.0f} of them not yet folded, of {days[-1]:.1f} days "
        f"in {times[-1]:,.0f} s, "
        f"{gauges.total('freshet_lists_deferred_total'):,.0f} lists put off, {visitor.answers:,} lookups answered, "
        f"{visitor.failed} not; {bounds}"
    )
    return {"s": times, "days": days, "series": series, "told": told}


class Shop(threading.Thread):
    """Sends what happens in DAYS days of a shop, as fast as the worker follows.

    sent: user events; now_ms: the newest one's time; people, items: how many there have been.
    """

    def __init__(self, deployment: Deployment, people: deque[str], events: int, rate: float) -> None:
        super().__init__(daemon=True)
        self._deployment, self._recent, self._events, self._rate = deployment, people, events, rate
        self.sent, self.now_ms, self.began = 0, START_MS, time.monotonic()
        self.people = self.items = 0

    def __enter__(self) -> "Shop":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.join()

    def run(self) -> None:
        known: set[str] = set()
        with Producer.of(self._deployment.settings.kafka, linger_s=0.02) as producer:
            for topic, event in comers_and_goers(self._events / DAYS, DAYS):
                if topic == "items":
                    self.items += 1
                    producer.send(topic, event)
                elif topic == "gone":
                    producer.tombstone(event)
                else:
                    if self.sent % 500 == 0:
                        self._wait()
                    producer.send(topic, event)
                    self.sent, self.now_ms = self.sent + 1, event.ts
                    self._recent.append(event.user_id)
                    known.add(event.user_id)
                    self.people = len(known)

    def _wait(self) -> None:
        """Until the rate allows it, and the worker is not so far behind that retention would overtake it."""
        time.sleep(max(0.0, self.began + self.sent / self._rate - time.monotonic()))
        while self.sent - self._deployment.taken_in() > BEHIND_MOST:
            time.sleep(0.2)


def small_segments(bootstrap: str) -> None:
    """Retention takes whole segments: small ones, so that KEPT_S is kept and not what fits into a gigabyte."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    topics = [ConfigResource(ConfigResourceType.TOPIC, topic.name, SEGMENTS) for topic in ALL_TOPICS]
    admin.alter_configs(topics, incremental=True)
    admin.close()


def resident_mb(group: int) -> float:
    """Resident memory of a process group."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                pages += int(fields[21])
        except (OSError, ValueError, IndexError):
            continue  # it has just ended
    return pages * 4096 / 2**20


def folder_mb(folder: Path) -> float:
    """What its files take on the disk."""
    total = 0
    for path in folder.rglob("*.log"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue  # removed by retention
    return total / 2**20


def rise(seconds: list[float], values: list[float]) -> float:
    """By how much a line fitted after the first third rises until the end, as a share of the mean."""
    first = len(values) // 3
    x, y = np.array(seconds[first:]), np.array(values[first:])
    slope = np.polyfit(x, y, 1)[0]
    return float(slope * (x[-1] - x[0]) / y.mean())


if __name__ == "__main__":
    sys.exit(main())
