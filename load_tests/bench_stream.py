"""How many events/s does one worker sustain with profile, labels, learning, scoring and publishing on?

Wanted: ≥ 1,500/s through real Kafka into real Redis; beside it a Faust loop that only decodes and acknowledges.
The log is filled first; a run is timed from the first to the last thousand events. Every list is made, none put off
(bench_overload.py has the other way). The Taobao sample where it is, the simulated shop otherwise. Catalogue messages
are taken in before the clock starts.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deployment import Deployment, messages, user_events, wait_until

from freshet.demo.gauges import Gauges
from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.producer import Producer

EVENTS, EDGE, RUNS = 20_000, 1_000, 3


def main() -> None:
    records, worker, bare = messages(EVENTS), [], []
    with tempfile.TemporaryDirectory() as folder, LocalStack(Path(folder)) as stack:
        for run in range(RUNS):
            deployment = Deployment(stack, Path(folder), f"run{run}.", "worker.behind_events=1000000000")
            with deployment.worker():
                deployment.send_catalogue(records)
                with Producer.of(deployment.settings.kafka, linger_s=0.1) as producer:
                    for record in user_events(records):
                        producer.send(record.topic, record.event)
                worker.append(events_per_s(deployment))
                gauges = deployment.gauges()
            bare.append(bare_events_per_s(deployment))
            batch = gauges.total("freshet_batch_events_sum") / gauges.total("freshet_batch_events_count")
            stages = ", ".join(
                f"{name} {mean_us(gauges, name):.0f} µs" for name in ("observe", "score", "learn")
            )
            print(
                f"run {run + 1}: worker {worker[-1]:,.0f} events/s, bare loop {bare[-1]:,.0f}/s; "
                f"mean batch {batch:.0f} events, {stages}"
            )
    ratio = statistics.median(w / b for w, b in zip(worker, bare, strict=True))
    print(
        f"median: worker {statistics.median(worker):,.0f} events/s (wanted ≥ 1,500; min {min(worker):,.0f}, "
        f"max {max(worker):,.0f}), bare loop {statistics.median(bare):,.0f}/s, ratio {ratio:.2f}"
    )


def events_per_s(deployment: Deployment) -> float:
    """From EDGE events taken in to EVENTS − EDGE."""
    wait_until(lambda: deployment.taken_in() >= EDGE)
    first, began = deployment.taken_in(), time.monotonic()
    wait_until(lambda: deployment.taken_in() >= EVENTS - EDGE)
    return (deployment.taken_in() - first) / (time.monotonic() - began)


def bare_events_per_s(deployment: Deployment) -> float:
    kafka = deployment.settings.kafka
    arguments = [kafka.bootstrap, kafka.prefix, kafka.prefix + "bare", free_port(), EVENTS]
    script = Path(__file__).with_name("bare_loop.py")
    done = subprocess.run(
        [sys.executable, script, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return float(done.stdout.split()[-1])


def mean_us(gauges: Gauges, what: str) -> float:
    name = f"freshet_{what}_seconds"
    return 1e6 * gauges.total(name + "_sum") / max(1, gauges.total(name + "_count"))


if __name__ == "__main__":
    main()
