"""How many events/s does one worker sustain with profile, labels, learning, scoring and publishing on?

Wanted: ≥ 1,500/s through real Kafka into real Redis; beside it a Faust loop that only decodes and acknowledges.
The log is filled first; a run is timed from the first to the last thousand events applied. The Taobao sample
where it is, the simulated shop otherwise. Catalogue messages are taken in before the clock starts.
"""

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from freshet.contract.admin import ensure_topics
from freshet.contract.topics import USER_TOPICS
from freshet.datasets import read
from freshet.demo.gauges import Gauges, parse
from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.producer import Producer
from freshet.services import Service, answers
from freshet.settings import Settings, load
from freshet.simulator import load_shop, simulate

SAMPLE = Path("../shared/data/taobao_userbehavior_head/UserBehavior_head.csv.gz")
EVENTS, EDGE, RUNS = 20_000, 1_000, 3


def main() -> None:
    worker, bare = [], []
    with tempfile.TemporaryDirectory() as folder, LocalStack(Path(folder)) as stack:
        for run in range(RUNS):
            overrides = settings_of(stack, Path(folder), f"run{run}.")
            settings = load(overrides=overrides)
            ensure_topics(settings.kafka)
            with running(settings, overrides, Path(folder)) as gauges:
                items = fill(settings, items=True)
                wait(lambda: gauges().total("freshet_events_total", topic="items") >= items)
                fill(settings, items=False)
                worker.append(events_per_s(gauges))
                shown = gauges()
            bare.append(bare_events_per_s(settings))
            print(
                f"run {run + 1}: worker {worker[-1]:,.0f} events/s, bare loop {bare[-1]:,.0f}/s; mean batch "
                f"{shown.total('freshet_batch_events_sum') / shown.total('freshet_batch_events_count'):.0f} events, "
                + ", ".join(f"{name} {mean_us(shown, name):.0f} µs" for name in ("observe", "score", "learn"))
            )
    ratio = statistics.median(w / b for w, b in zip(worker, bare, strict=True))
    print(
        f"median: worker {statistics.median(worker):,.0f} events/s (wanted ≥ 1,500; min {min(worker):,.0f}, "
        f"max {max(worker):,.0f}), bare loop {statistics.median(bare):,.0f}/s, ratio {ratio:.2f}"
    )


def settings_of(stack: LocalStack, folder: Path, prefix: str) -> list[str]:
    return [
        f"kafka.bootstrap={stack.bootstrap_servers}",
        f"kafka.prefix={prefix}",
        f"kafka.group={prefix}worker",
        f"redis.url={stack.redis_url}",
        f"redis.prefix={prefix}fr",
        f"worker.metrics_port={free_port()}",
        f"worker.web_port={free_port()}",
        f"refresh.models_dir={folder / prefix}",
    ]


@contextlib.contextmanager
def running(settings: Settings, overrides: list[str], folder: Path) -> Iterator:
    """A worker; yields what reads its metrics."""
    url = f"http://127.0.0.1:{settings.worker.metrics_port}/metrics"

    def gauges() -> Gauges:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return parse(answer.read().decode())

    with Service("worker", overrides=overrides, log_dir=folder, ready=lambda: answers(url)):
        yield gauges


def fill(settings: Settings, *, items: bool) -> int:
    """Send the catalogue, or the user events; how many."""
    records = read("taobao", SAMPLE, report=print, limit=EVENTS) if SAMPLE.exists() else simulate(load_shop(None), EVENTS)
    sent = events = 0
    with Producer.of(settings.kafka, linger_s=0.1) as producer:
        for record in records:
            events += record.topic != "items"
            if events > EVENTS:
                break
            if (record.topic == "items") == items:
                producer.send(record.topic, record.event)
                sent += 1
    return sent


def wait(condition) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the worker did not get on within 120 s")
        time.sleep(0.2)


def events_per_s(gauges) -> float:
    """From EDGE events applied to EVENTS − EDGE."""

    def applied() -> float:
        now = gauges()
        return sum(now.total("freshet_events_total", topic=topic.name) for topic in USER_TOPICS)

    wait(lambda: applied() >= EDGE)
    first, began = applied(), time.monotonic()
    wait(lambda: applied() >= EVENTS - EDGE)
    return (applied() - first) / (time.monotonic() - began)


def bare_events_per_s(settings: Settings) -> float:
    script = Path(__file__).with_name("bare_loop.py")
    arguments = [settings.kafka.bootstrap, settings.kafka.prefix, settings.kafka.prefix + "bare", free_port(), EVENTS]
    done = subprocess.run(
        [sys.executable, script, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=True
    )
    return float(done.stdout.split()[-1])


def mean_us(gauges: Gauges, what: str) -> float:
    name = f"freshet_{what}_seconds"
    return 1e6 * gauges.total(name + "_sum") / max(1, gauges.total(name + "_count"))


if __name__ == "__main__":
    main()
