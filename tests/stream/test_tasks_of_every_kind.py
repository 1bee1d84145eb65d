"""A table in the settings is all that a new task takes: it is learned, watched and served without a line of code."""

import json
import random
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from shop import Shop, wait_for

from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.services import Service, answers

TASKS = [
    {"name": "click", "label": "clicks"},
    {"name": "purchase", "label": "purchases", "window": "7d", "weight": 6, "head": "bayesian"},
    {"name": "hide", "label": "feedback", "weight": -4},
    {"name": "ad_click", "label": "clicks", "where": {"context.placement": "ad"}, "weight": 0.5},
    {"name": "stars", "kind": "regression", "label": "ratings", "range": [1, 5], "weight": 0},
    {"name": "units", "kind": "count", "label": "purchases", "per": "item", "window": "24h"},
]
PAIRS = {"click", "purchase", "hide", "ad_click", "stars"}
PAGES = 400
TS = 1_700_000_000_000


@pytest.fixture
def shop(stack: LocalStack, redis_url: str, fresh_prefix: str, tmp_path: Path) -> Iterator[Shop]:
    more = {"tasks": json.dumps(TASKS), "api__port": str(free_port()), "model__influence_ms": "0"}
    shop = Shop(stack, redis_url, fresh_prefix, tmp_path, **more)
    yield shop
    shop.close()


def events() -> Iterator[tuple[str, dict[str, Any]]]:
    """Pages of two placements; item-0 is clicked and bought, item-1 clicked as an ad and hidden; both are rated."""
    draw = random.Random(3)
    for n in range(PAGES):
        ad = n % 2 == 1
        same = {
            "user_id": f"u{n % 9}",
            "request_id": f"r{n}",
            "context": {"placement": "ad" if ad else "home"},
        }
        at = TS + 60_000 * n
        yield "impressions", {**same, "ts": at, "items": [f"item-{i}" for i in range(5)]}
        if draw.random() < 0.6:
            yield "clicks", {**same, "ts": at + 1_000, "item_id": "item-1" if ad else "item-0"}
        if not ad and draw.random() < 0.4:
            yield "purchases", {**same, "ts": at + 2_000, "item_id": "item-0", "quantity": 2}
        if ad and draw.random() < 0.3:
            yield "feedback", {**same, "ts": at + 3_000, "item_id": "item-1", "action": "hide"}
        if draw.random() < 0.5:
            item = draw.randrange(2)
            yield (
                "ratings",
                {**same, "ts": at + 4_000, "item_id": f"item-{item}", "rating": 1 + 4 * (1 - item)},
            )


@pytest.mark.timeout(400)
def test_tasks_of_every_kind_are_learned_watched_and_served(shop: Shop, tmp_path: Path) -> None:
    port = shop.settings.api.port
    api = Service(
        "api",
        overrides=shop.overrides,
        log_dir=tmp_path,
        ready=lambda: answers(f"http://127.0.0.1:{port}/healthz"),
    )
    worker = shop.worker()
    worker.start()
    api.start()
    try:
        for n, (topic, event) in enumerate(events(), 1):
            shop.send(topic, json.dumps({"event_id": f"e{n}", **event}).encode(), key=event["user_id"])
            if n % 40 == 0:  # nearly in the order of time: topics are read at their own pace
                wait_for("events", partial(applied, shop, n))
        wait_for("all events", partial(applied, shop, n))
        learned = wait_for("all examples", lambda: all_learned(shop))
        wait_for("their labels", lambda: by_task(shop, "freshet_task_auc").keys() == PAIRS - {"stars"})
        errors, aucs = by_task(shop, "freshet_task_absolute_error"), by_task(shop, "freshet_task_auc")
        ranked = wait_for("scores by all that was learned", lambda: scores_of(port, learned))
        asked = ask(port, "/v1/users/u0/recommendations?objective=stars&k=2")
        demand = ask(port, "/v1/items/item-0/demand")
    finally:
        api.stop()
        worker.stop()

    assert ranked.keys() == {f"item-{i}" for i in range(5)}
    assert all(scores.keys() == PAIRS for scores in ranked.values())
    assert ranked["item-0"]["purchase"] > 3 * ranked["item-2"]["purchase"]
    assert ranked["item-1"]["hide"] > 3 * ranked["item-0"]["hide"]
    assert 1 <= ranked["item-1"]["stars"] < 2.5 and 3.5 < ranked["item-0"]["stars"] <= 5
    assert asked["items"][0]["item_id"] == "item-0"
    assert demand["expected"] > 0 and demand["window"] == "24h"
    assert errors["stars"] < 1.5
    assert 0.5 < aucs["purchase"] <= 1


def by_task(shop: Shop, name: str) -> dict[str, float]:
    return {dict(labels)["task"]: value for (n, labels), value in shop.gauges().samples.items() if n == name}


def applied(shop: Shop, events: int) -> bool:
    shop.producer.flush()
    return shop.gauges().total("freshet_events_total", outcome="applied") == events


def all_learned(shop: Shop) -> float:
    """How many examples, once none is left to learn; else 0."""
    gauges = shop.gauges()
    lag = gauges.total("freshet_lag_events", topic="freshet.examples")
    return 0.0 if lag else gauges.total("freshet_examples_learned_total")


def scores_of(port: int, learned: float) -> dict[str, dict[str, float]] | None:
    """Of each item for one shopper, by heads that have learned so much; None before."""
    told = ask(port, "/v1/users/u0/scores?items=" + ",".join(f"item-{i}" for i in range(5)))
    if told["model"]["heads"] < learned:
        return None
    return {item["item_id"]: item["scores"] for item in told["items"]}


def ask(port: int, target: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{target}", timeout=10) as answer:
        return json.load(answer)
