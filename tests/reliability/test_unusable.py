"""What a worker cannot use: it says what and what to do, waits, and what was stored last goes on serving."""

import json
import time
from contextlib import closing

import pytest
from disturbed import Customers, DisturbedShop, Onlooker, post, tell
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewPartitions
from shop import wait_for

from freshet.contract.admin import TopicsError, ensure_topics
from freshet.contract.topics import ITEM_SIGNALS


def log_of(shop: DisturbedShop) -> str:
    return (shop.log_dir / "worker.log").read_text()


def test_redis_at_its_limit_of_memory(shop: DisturbedShop) -> None:
    with shop.api(), shop.worker(), Customers(shop, 60) as customers, Onlooker(shop) as onlooker:
        wait_for("a list", lambda: shop.published("user-0"))
        shop.redis.config_set("maxmemory", 1)
        retries = shop.gauges().total("freshet_io_retries_total")
        wait_for("tries", lambda: shop.gauges().total("freshet_io_retries_total") > retries + 2)
        shop.redis.config_set("maxmemory", 0)
        before = len(customers.sent)
        wait_for("more events", lambda: len(customers.sent) > before + 60)
        customers.__exit__()
        shop.assert_as_undisturbed(customers)

    tell("Redis at maxmemory", onlooker, customers)
    assert "command not allowed when used memory > 'maxmemory'" in log_of(shop)
    assert onlooker.statuses() == {200}


def test_a_log_that_was_made_anew(shop: DisturbedShop) -> None:
    """A topic deleted and created: what the state reflects is not in it, and its offsets begin anew."""
    name = shop.prefix + "clicks"
    with shop.api(), shop.worker(), Onlooker(shop) as onlooker:
        with Customers(shop, 60) as customers:
            wait_for("some events", lambda: len(customers.sent) > 200)
        shop.assert_as_undisturbed(customers)
        before = shop.published("user-0")
        admin = KafkaAdminClient(bootstrap_servers=shop.settings.kafka.bootstrap)
        admin.delete_topics([name])
        wait_for("its end", lambda: name not in admin.list_topics())
        admin.close()
        ensure_topics(shop.settings.kafka)
        for n in range(8):
            event = {
                "event_id": f"new{n}",
                "user_id": f"user-{n}",
                "ts": time.time_ns() // 1_000_000,
                "item_id": "x",
            }
            shop.send("clicks", json.dumps(event).encode(), key=event["user_id"])
        wait_for("refused", lambda: shop.gauges().total("freshet_refused", what="state") == 1, 90)
        after = shop.published("user-0")

    assert before == after
    assert "clicks[" in log_of(shop)
    assert "the topic was made anew, or the broker lost data" in log_of(shop)
    assert "`freshet rebuild`" in log_of(shop)
    assert onlooker.statuses() == {200}


def test_a_topic_deleted_and_one_with_more_partitions(shop: DisturbedShop) -> None:
    """The worker says so and goes on with what there is; a start is refused."""
    carts, clicks = shop.prefix + "carts", shop.prefix + "clicks"
    admin = KafkaAdminClient(bootstrap_servers=shop.settings.kafka.bootstrap)
    with shop.api(), shop.worker() as worker, Onlooker(shop) as onlooker:
        with Customers(shop, 60) as customers:
            wait_for("some events", lambda: len(customers.sent) > 150)
        shop.assert_as_undisturbed(customers)
        admin.create_partitions({clicks: NewPartitions(5)})
        wait_for("refused", lambda: shop.gauges().total("freshet_refused", what="topics") == 1)
        assert f"topic {clicks} has 5 partitions, the settings say 4" in log_of(shop)
        astray = {
            "event_id": "astray",
            "user_id": "user-1",
            "ts": time.time_ns() // 1_000_000,
            "item_id": "x",
        }
        with closing(KafkaProducer(bootstrap_servers=shop.settings.kafka.bootstrap)) as knows_it:
            knows_it.send(clicks, key=b"user-1", value=json.dumps(astray).encode(), partition=4)
        wait_for(
            "sent on to its owner and applied",
            lambda: (found := shop.published("user-1")) and found.event_ts == astray["ts"],
        )

        admin.delete_topics([carts])
        wait_for("said", lambda: f"topic {carts} is not there any more" in log_of(shop))
        after = {**astray, "event_id": "after", "ts": astray["ts"] + 1}
        shop.send("clicks", json.dumps(after).encode(), key="user-1")
        wait_for("the next event", lambda: shop.published("user-1").event_ts == after["ts"])
        assert worker.running
        posted = post(shop, {"topic": "carts", "value": {**after, "event_id": "posted"}})
    admin.close()

    with pytest.raises(TopicsError, match=f"topic {clicks} has 5 partitions, the settings say 4"):
        ensure_topics(shop.settings.kafka)
    assert posted == 503
    assert onlooker.statuses() == {200}


def test_state_of_another_version(shop: DisturbedShop) -> None:
    key = shop.keys.watermark(ITEM_SIGNALS.name, 0)
    shop.redis.set(key, b"\x09from the future")
    with shop.worker():
        wait_for("refused", lambda: shop.gauges().total("freshet_refused", what="state") == 1)
        kept = shop.redis.get(key)
        shop.redis.delete(key)  # as an operator's decision
        wait_for("at work", lambda: shop.gauges().total("freshet_refused", what="state") == 0)

    assert kept == b"\x09from the future"
    assert f"{key} is of version 9, and this program reads version 1" in log_of(shop)
