"""The SDK on a real broker: what arrives, what is refused, and what is told when the broker is away."""

import json
import subprocess
import sys
import threading
import time

import pytest
from kafka.partitioner.default import murmur2

from freshet import Producer
from freshet.contract.events import BadEvent, Click
from freshet.delivery import MESSAGE_COST_BYTES, DeliveryError
from freshet.local.ports import free_port

# A connection that kafka-python failed to make is closed by the collector, which says so.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)


def event(n=0, **more):
    return {"event_id": f"e{n}", "user_id": f"u{n}", "item_id": "i1", "ts": 1_700_000_000_000, **more}


def ids(messages):
    return sorted(json.loads(message.value)["event_id"] for message in messages)


def test_events_lie_in_their_users_partition_as_they_were_sent(log):
    users = [f"user-{n}" for n in range(40)] + ["Zoë 7"]
    with Producer.of(log.settings) as producer:
        for n, user in enumerate(users):
            producer.send("clicks", event(n, user_id=user, colour={"unknown": "kept"}))

    messages = log.messages("clicks")

    assert sorted(message.key.decode() for message in messages) == sorted(users)
    for message in messages:
        assert message.partition == (murmur2(message.key) & 0x7FFFFFFF) % 4
        assert json.loads(message.value)["colour"] == {"unknown": "kept"}
        assert json.loads(message.value)["user_id"] == message.key.decode()


def test_a_mapping_a_struct_and_json_are_the_same_event(log):
    with Producer.of(log.settings) as producer:
        for form in (event(), Click(**event()), json.dumps(event()).encode()):
            producer.send("clicks", form)

    decoded = [json.loads(message.value) for message in log.messages("clicks")]

    assert [{**event(), **one} == one for one in decoded] == [True] * 3


def test_items_are_keyed_by_item_and_removed_by_a_tombstone(log):
    with Producer.of(log.settings) as producer:
        producer.send("items", {"item_id": "i1", "category": "a/b"})
        producer.tombstone("i1")

    messages = log.messages("items")

    assert [(message.key, message.value) for message in messages] == [
        (b"i1", b'{"item_id":"i1","category":"a/b"}'),
        (b"i1", None),
    ]


def test_one_user_s_events_stay_in_order(log):
    with Producer.of(log.settings) as producer:
        for n in range(3_000):
            producer.send("clicks", event(n, user_id="u"))

    assert [json.loads(m.value)["event_id"] for m in log.messages("clicks")] == [
        f"e{n}" for n in range(3_000)
    ]


FAR_AHEAD = time.time_ns() // 1_000_000 + 86_400_000  # ms; parameters are made long before their test runs


@pytest.mark.parametrize(
    ("topic", "bad", "reason"),
    [
        ("clicks", event(item_id=""), r"length >= 1 - at `\$.item_id`"),
        ("clicks", event(ts=FAR_AHEAD), "ahead of the reader's clock"),
        ("clicks", event(ts=object()), "clicks: Encoding objects of type object is unsupported"),
        ("clicks", event(user_id="\ud800"), "clicks: "),
        ("clicks", b"{", "not JSON"),
        ("purchases", Click(**event(user_id="")), r"length >= 1 - at `\$.user_id`"),
        ("looks", event(), "no topic 'looks'; there are clicks, carts"),
        ("freshet.examples", event(), "no topic"),
    ],
)
def test_a_bad_event_is_refused_before_it_is_sent(log, topic, bad, reason):
    with Producer.of(log.settings) as producer, pytest.raises(BadEvent, match=reason):
        producer.send(topic, bad)

    assert log.messages("clicks") == []


@pytest.mark.parametrize("item_id", ["", "i" * 129])
def test_a_tombstone_needs_an_item(log, item_id):
    with Producer.of(log.settings) as producer, pytest.raises(BadEvent, match="1 to 128 characters"):
        producer.tombstone(item_id)


def test_a_large_event_is_sent(log):
    with Producer.of(log.settings) as producer:
        producer.send("ratings", event(rating=5, text="x" * 20_000, more="y" * 200_000))

    assert len(log.messages("ratings")[0].value) > 220_000


def test_no_broker_is_said_at_once():
    with pytest.raises(ConnectionError, match=r"no Kafka at 127\.0\.0\.1"):
        Producer(f"127.0.0.1:{free_port()}", delivery_s=1)


def test_what_kafka_did_not_take_is_raised_with_the_event(log):
    producer = Producer.of(log.settings, delivery_s=2)
    producer.send("clicks", event(1))
    producer.flush()
    log.stack.kafka.kill()
    producer.send("clicks", event(2))
    producer.send("clicks", event(3))

    with pytest.raises(
        DeliveryError, match=rf"not acknowledged by topic {log.settings.prefix}clicks.*e2"
    ) as raised:
        producer.flush()
    assert [json.loads(lost.value)["event_id"] for lost in raised.value.lost] == ["e2", "e3"]
    producer.close()  # what was lost has been told
    log.stack.kafka.start()

    assert ids(log.messages("clicks")) == ["e1"]


def test_a_loss_is_raised_by_a_later_send_which_then_sends_nothing(log):
    producer = Producer.of(log.settings, delivery_s=2)
    producer.send("clicks", event(1))
    producer.flush()
    with log.frozen():
        producer.send("clicks", event(2))
        time.sleep(4)

        with pytest.raises(DeliveryError) as raised:
            producer.send("clicks", event(3))
    assert [json.loads(lost.value)["event_id"] for lost in raised.value.lost] == ["e2"]
    producer.close()


def test_a_broker_that_stays_away_holds_up_close_for_a_few_seconds_only(log):
    producer = Producer.of(log.settings, delivery_s=1, linger_s=0.1)
    for topic in ("clicks", "carts", "purchases"):
        producer.send(topic, event())
    producer.flush()
    with log.frozen():
        for n in range(1, 201):
            producer.send(("clicks", "carts", "purchases")[n % 3], event(n))
        begin = time.monotonic()

        with pytest.raises(DeliveryError) as raised:
            producer.close()
        assert time.monotonic() - begin < 8
    assert len(raised.value.lost) == 200
    assert {lost.reason for lost in raised.value.lost} >= {"no answer within 1 s"}


def test_a_broker_that_restarts_costs_nothing(log):
    with Producer.of(log.settings) as producer:
        for n in range(2_000):
            if n == 1_000:
                log.stack.kafka.kill()
                log.stack.kafka.start()
            producer.send("clicks", event(n))

    assert ids(log.messages("clicks")) == sorted(f"e{n}" for n in range(2_000))  # none lost, none twice


def test_a_full_buffer_makes_send_wait(log):
    sent = []
    with Producer.of(log.settings, buffer_bytes=20 * MESSAGE_COST_BYTES) as producer:
        producer.send("clicks", event())
        producer.flush()

        def keep_sending():
            for n in range(1, 60):
                producer.send("clicks", event(n))
                sent.append(n)

        sender = threading.Thread(target=keep_sending)
        with log.frozen():
            sender.start()
            sender.join(timeout=1.0)
            waiting = len(sent)
        sender.join()

    assert 10 <= waiting < 20
    assert len(log.messages("clicks")) == 60


def test_threads_share_a_producer(log):
    with Producer.of(log.settings, buffer_bytes=50 * MESSAGE_COST_BYTES) as producer:
        threads = [
            threading.Thread(
                target=lambda t=t: [producer.send("clicks", event(1_000 * t + n)) for n in range(300)]
            )
            for t in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert ids(log.messages("clicks")) == sorted(f"e{1_000 * t + n}" for t in range(4) for n in range(300))


def test_importing_freshet_loads_no_kafka_client():
    code = "import sys, freshet; assert 'kafka' not in sys.modules; freshet.Producer; assert 'kafka' in sys.modules"

    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_freshet_says_what_it_does_not_have():
    import freshet

    assert freshet.__all__ == ["Producer"]
    with pytest.raises(AttributeError, match="no attribute 'Consumer'"):
        freshet.Consumer  # noqa: B018
