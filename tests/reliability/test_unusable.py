"""What a worker cannot use: it says what and what to do, waits, and what was stored last goes on serving."""

import json
import time

from disturbed import Customers, DisturbedShop, Onlooker, tell
from kafka.admin import KafkaAdminClient
from shop import wait_for

from freshet.contract.admin import ensure_topics
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
