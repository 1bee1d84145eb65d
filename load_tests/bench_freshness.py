"""At 500 events/s for a minute, how long until an event shows in its shopper's list? Wanted: p99 ≤ 250 ms, none lost.

Everything runs at once on this machine: the broker, Redis, worker, API, a refresh that is asked for after a quarter,
and the sender. The time is from the producer's timestamp to the list being readable in Redis.
"""

import statistics
import tempfile
import time
from pathlib import Path

import redis
from deployment import Deployment, messages, user_events, wait_until

from freshet.contract.keys import Keys
from freshet.local import LocalStack
from freshet.producer import Producer
from freshet.services import answers
from freshet.settings import Settings

RATE, SECONDS, WARM = 500, 60, 5_000  # events/s, s, events before the clock starts


def main() -> None:
    records = messages(WARM + RATE * SECONDS)
    with tempfile.TemporaryDirectory() as folder, LocalStack(Path(folder)) as stack:
        deployment = Deployment(stack, Path(folder), "")
        settings = deployment.settings
        api = f"http://127.0.0.1:{settings.api.port}/healthz"
        with (
            deployment.worker(),
            deployment.service("refresh"),
            deployment.service("api", lambda: answers(api)),
        ):
            deployment.send_catalogue(records)
            warm, timed = user_events(records)[:WARM], user_events(records)[WARM:]
            with Producer.of(settings.kafka, linger_s=0.005) as producer:
                for record in warm:
                    producer.send(record.topic, record.event)
                producer.flush()
                wait_until(lambda: deployment.taken_in() >= WARM)
                time.sleep(3)
                before = deployment.gauges()
                late = send_paced(producer, timed, settings)
            wait_until(lambda: deployment.taken_in() >= WARM + len(timed))
            time.sleep(2)
            gauges = deployment.gauges()
    seen = gauges.since(before)
    p50, p99 = (1000 * (seen.quantile("freshet_event_visible_seconds", q) or 0) for q in (0.5, 0.99))
    applied = seen.total("freshet_events_total", outcome="applied")
    print(
        f"{len(timed):,} events at {RATE}/s: {len(timed) - applied:,.0f} lost; event to visible p50 {p50:.0f} ms, "
        f"p99 {p99:.0f} ms (wanted ≤ 250); encoder {gauges.label('freshet_encoder_info', 'version')}; "
        f"the sender was late by {statistics.median(late) * 1000:.1f} ms (median)"
    )


def send_paced(producer: Producer, records: list, settings: Settings) -> list[float]:
    """Send at RATE; how late each event left, in seconds. After a quarter a refresh is asked for."""
    began, late = time.monotonic(), []
    for count, record in enumerate(records):
        due = began + count / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        late.append(time.monotonic() - due)
        producer.send(record.topic, record.event)
        if count == len(records) // 4:
            model = Keys.of(settings).model()
            redis.Redis.from_url(settings.redis.url).hset(model, "refresh_asked", "1")
    return late


if __name__ == "__main__":
    main()
