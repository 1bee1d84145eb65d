"""Three times what a worker can do, for 5 s: do profiles and learning go first, and is every list made in the end?

Wanted: more events/s folded and learned than when every list is made at once, and nothing due at last. What a worker
can do is measured first, from a log that is filled already. The sender shares this machine's cores with the worker.
"""

import tempfile
import time
from pathlib import Path

from deployment import Deployment, messages, user_events, wait_until

from freshet.datasets import Record
from freshet.local import LocalStack
from freshet.producer import Producer

FILLED, EDGE, TIMES, BURST_S = 10_000, 1_000, 3, 5
EVERY_LIST = "worker.behind_events=1000000000"


def main() -> None:
    records = messages(40_000)
    with tempfile.TemporaryDirectory() as folder, LocalStack(Path(folder)) as stack:

        def deployment(name: str, *more: str) -> Deployment:
            return Deployment(stack, Path(folder), f"{name}.", *more)

        able = filled(deployment("filled", EVERY_LIST), records)
        print(f"a filled log: every list {able:,.0f} events/s", flush=True)
        print(
            f"a filled log: thinned {filled(deployment('filled-thinned'), records):,.0f} events/s", flush=True
        )
        print(f"every list: {burst(deployment('burst', EVERY_LIST), records, TIMES * able)}", flush=True)
        print(f"thinned: {burst(deployment('burst-thinned'), records, TIMES * able)}", flush=True)


def filled(deployment: Deployment, records: list[Record]) -> float:
    """events/s, from EDGE events taken in to FILLED − EDGE."""
    with deployment.worker():
        deployment.send_catalogue(records)
        send(deployment, user_events(records)[:FILLED], 1e9)
        wait_until(lambda: deployment.taken_in() >= EDGE)
        first, began = deployment.taken_in(), time.monotonic()
        wait_until(lambda: deployment.taken_in() >= FILLED - EDGE)
        return (deployment.taken_in() - first) / (time.monotonic() - began)


def burst(deployment: Deployment, records: list[Record], rate: float) -> str:
    """What was seen of one, after FILLED / 5 events that warm up."""
    warm, events = FILLED // 5, user_events(records)
    timed = events[warm : warm + int(rate * BURST_S)]
    with deployment.worker():
        deployment.send_catalogue(records)
        send(deployment, events[:warm], 1e9)
        wait_until(
            lambda: deployment.taken_in() >= warm and not deployment.gauges().total("freshet_lists_due")
        )
        before, began = deployment.gauges(), time.monotonic()
        send(deployment, timed, rate)
        over, meanwhile = time.monotonic(), deployment.taken_in() - warm
        wait_until(lambda: deployment.taken_in() >= warm + len(timed))
        folded = time.monotonic()
        wait_until(lambda: not deployment.gauges().total("freshet_lists_due"))
        listed = time.monotonic()
        seen = deployment.gauges().since(before)
    stored, visible = (
        " and ".join(f"{seen.quantile(f'freshet_event_{what}_seconds', q) or 0:.1f}" for q in (0.5, 0.99))
        for what in ("stored", "visible")
    )
    return (
        f"{len(timed):,} events at {len(timed) / (over - began):,.0f}/s; "
        f"{meanwhile / (over - began):,.0f}/s folded meanwhile, {len(timed) / (folded - began):,.0f}/s in all; "
        f"after the burst all is folded in {folded - over:.1f} s, all lists made in {listed - over:.1f} s; "
        f"{seen.total('freshet_lists_deferred_total'):,.0f} lists put off, "
        f"{seen.total('freshet_score_seconds_count'):,.0f} made; "
        f"p50 and p99, event to profile {stored} s, to list {visible} s"
    )


def send(deployment: Deployment, events: list[Record], rate: float) -> None:
    with Producer.of(deployment.settings.kafka, linger_s=0.02) as producer:
        began = time.monotonic()
        for count, record in enumerate(events):
            if count % 20 == 0:
                time.sleep(max(0.0, began + count / rate - time.monotonic()))
            producer.send(record.topic, record.event)


if __name__ == "__main__":
    main()
