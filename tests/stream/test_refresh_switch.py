"""A refresh on the real broker and Redis: trained, promoted, switched to live, rolled back, and never half."""

import json
import threading
import time
from pathlib import Path

from shop import Shop, wait_for

from freshet.contract.examples import unpack_examples
from freshet.contract.heads_state import unpack_heads
from freshet.contract.progress import Progress
from freshet.registry import Registry
from freshet.settings import load
from online_model.encoder.artifact import load_artifact
from online_model.encoder.replay import as_seen_by
from online_model.heads import Heads
from stream.refresh.process import ASKED, why
from stream.refresh.round import one_round
from stream.refresh.watch import LogWatch

BEFORE, AFTER = 900, 200
LOAD_PER_S = 200


def send(shop: Shop, start: int, stop: int, turned: int = 0) -> None:
    """Shoppers who keep to a category of their own; all have moved on by `turned` categories."""
    for n in range(start, stop):
        user = n % 30
        value = {
            "event_id": f"e{n}",
            "user_id": f"user-{user}",
            "ts": 1_700_000_000_000 + 60_000 * n,
            "item_id": f"{(user + turned) % 5}-{n * n % 17}",
        }
        shop.send("clicks", json.dumps(value).encode(), key=value["user_id"])


def test_a_new_encoder_serves_with_heads_that_are_the_fold_of_the_log(shop: Shop) -> None:
    registry = Registry(Path(shop.settings.refresh.models_dir), shop.redis, shop.keys)
    tell(shop)
    with shop.worker():
        send(shop, 0, BEFORE)
        wait_for(
            "heads of the first events",
            lambda: stored(shop, "none") and stored(shop, "none")[0].learned == BEFORE,
        )

        outcome = one_round(shop.settings, shop.redis)
        assert outcome.kind == "promoted", outcome.said
        version = outcome.manifest.version
        known = load_artifact(registry.folder(version)).encoder.known
        assert len(known.keys) == len({f"{n % 5}-{n * n % 17}" for n in range(BEFORE)})
        assert (known.facts.used == 1).all()  # each item's brand
        wait_for("the switch", lambda: registry.named("live") == version)
        send(shop, BEFORE, BEFORE + AFTER)
        wait_for("the later events", lambda: learned_after(shop, version) == AFTER)
        assert stored(shop, version)[0].dump() == folded(shop, registry, version).dump()
        assert shop.gauges().label("freshet_encoder_info", "version") == version
        assert shop.published("user-1").encoder == version

        broken = registry.folder("20990101T000000-0000000a")
        broken.mkdir()
        shop.redis.hset(shop.keys.model(), "wanted", broken.name)  # as if it had been promoted, then damaged
        send(shop, BEFORE + AFTER, BEFORE + AFTER + 1)
        wait_for("the next event", lambda: learned_after(shop, version) == AFTER + 1)
        assert registry.named("live") == version

        shop.redis.hset(shop.keys.model(), "wanted", version)
        assert registry.rollback() == "none"
        wait_for("the roll back", lambda: registry.named("live") == "none")
        wait_for("the gauge", lambda: shop.gauges().label("freshet_encoder_info", "version") == "none")


def test_a_rollback_under_load_loses_nothing_and_takes_seconds(shop: Shop) -> None:
    """Events keep coming while the encoder is promoted and taken back: each is learned once by whoever serves."""
    registry = Registry(Path(shop.settings.refresh.models_dir), shop.redis, shop.keys)
    tell(shop)
    with shop.worker():
        send(shop, 0, BEFORE)
        wait_for("heads", lambda: stored(shop, "none") and stored(shop, "none")[0].learned == BEFORE)
        version = one_round(shop.settings, shop.redis).manifest.version
        with Customers(shop, BEFORE) as customers:
            wait_for("the switch", lambda: registry.named("live") == version)
            sent = customers.sent
            wait_for("more events", lambda: customers.sent > sent + LOAD_PER_S)
            assert registry.rollback() == "none"
            began = time.monotonic()
            wait_for("the roll back", lambda: registry.named("live") == "none")
            took_s = time.monotonic() - began
            sent = customers.sent
            wait_for("more events", lambda: customers.sent > sent + LOAD_PER_S)
        wait_for(
            "the last event",
            lambda: (
                shop.gauges().total("freshet_events_total", outcome="applied", topic="clicks")
                == customers.sent
            ),
        )
        wait_for("all learned", lambda: stored(shop, "none")[0].learned == customers.sent)

        heads = Heads(shop.settings.model, tasks(shop))
        for message in shop.messages("freshet.examples"):
            for example in unpack_examples(message.value):
                heads.learn(as_seen_by(None, example))
        assert stored(shop, "none")[0].dump() == heads.dump()
        assert took_s < 10
        assert shop.published("user-1").encoder == "none"


class Customers(threading.Thread):
    """Sends events at LOAD_PER_S from event `first` on, until the block is left. sent: events so far, all told."""

    def __init__(self, shop: Shop, first: int) -> None:
        super().__init__()
        self._shop, self._stop_now, self.sent = shop, threading.Event(), first

    def run(self) -> None:
        while not self._stop_now.wait(10 / LOAD_PER_S):
            send(self._shop, self.sent, self.sent + 10)
            self.sent += 10

    def __enter__(self) -> "Customers":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_now.set()
        self.join()


def test_a_change_of_tastes_begins_a_refresh_that_says_so(shop: Shop) -> None:
    """Shoppers who keep to a category, until everybody turns to another: the schedule alone would wait an hour."""
    settings = load(overrides=[*shop.overrides, "refresh.min_examples=300"])
    registry = Registry(Path(settings.refresh.models_dir), shop.redis, shop.keys)
    tell(shop)
    watch = LogWatch(settings, shop.redis)
    with shop.worker():
        send(shop, 0, BEFORE)
        wait_for("heads", lambda: stored(shop, "none") and stored(shop, "none")[0].learned == BEFORE)
        assert why(settings, shop.redis, watch, left_s=9.0) is None
        version = one_round(settings, shop.redis).manifest.version
        wait_for("the switch", lambda: registry.named("live") == version)
        for start in range(BEFORE, 2 * BEFORE, 300):
            assert why(settings, shop.redis, watch, left_s=9.0) is None
            send(shop, start, start + 300)
        send(shop, 2 * BEFORE, 5 * BEFORE, turned=2)

        reason = wait_for("the change", lambda: why(settings, shop.redis, watch, left_s=9.0))

        assert reason.kind == "drift"
        assert f"the loss of {version} rose from" in reason.said
        assert 1_200 <= reason.window_examples <= settings.refresh.window_examples
        wait_for("all of the change", lambda: nothing_left(shop, version))
        outcome = one_round(settings, shop.redis, window_examples=reason.window_examples)
        assert outcome.kind == "promoted", outcome.said
    watch.close()


def test_a_round_begins_when_asked_and_on_schedule(shop: Shop) -> None:
    watch = LogWatch(shop.settings, shop.redis)
    shop.redis.hset(shop.keys.model(), ASKED, 1)

    assert why(shop.settings, shop.redis, watch, left_s=9.0).kind == "asked"
    assert why(shop.settings, shop.redis, watch, left_s=9.0) is None
    assert why(shop.settings, shop.redis, watch, left_s=0.0).kind == "schedule"


def nothing_left(shop: Shop, version: str) -> bool:
    """Whether every event sent is applied, and every example of them in the stored heads."""
    gauges = shop.gauges()
    if (
        gauges.total("freshet_lag_events")
        or gauges.total("freshet_events_total", topic="clicks") < 5 * BEFORE
    ):
        return False
    return stored(shop, version)[1].next_offset == shop.messages("freshet.examples")[-1].offset + 1


def tell(shop: Shop) -> None:
    """What the shop sells: five categories of 17 items, each with a brand."""
    for category in range(5):
        for item in range(17):
            message = {"item_id": f"{category}-{item}", "category": f"c{category}", "brand": f"b{category}"}
            shop.send("items", json.dumps(message).encode(), key=message["item_id"])


def stored(shop: Shop, version: str) -> tuple[Heads, Progress] | None:
    state = unpack_heads(shop.redis.get(shop.keys.heads(version)))
    return (Heads.load(state[0], shop.settings.model, tasks(shop)), state[1]) if state else None


def learned_after(shop: Shop, version: str) -> int:
    """Examples of the clicks since the artifact that its heads have learned."""
    state = stored(shop, version)
    return state[0].learned - 2 * BEFORE if state else 0


def folded(shop: Shop, registry: Registry, version: str) -> Heads:
    """The artifact's heads, and all examples after its place in the log as its encoder sees them."""
    artifact = load_artifact(registry.folder(version))
    heads = Heads.load(artifact.heads, shop.settings.model, tasks(shop))
    for message in shop.messages("freshet.examples"):
        if message.offset >= artifact.manifest.next_offset:
            for example in unpack_examples(message.value):
                heads.learn(as_seen_by(artifact.encoder, example))
    return heads


def tasks(shop: Shop) -> list:
    return [task.task() for task in shop.settings.pair_tasks]
