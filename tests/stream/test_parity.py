"""One core: what the worker publishes over Kafka is what the evaluation publishes offline, list by list."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import msgspec
import pytest
from prometheus_client import Counter
from shop import Shop

from freshet.actions import to_action, to_description
from freshet.contract.events import decode
from freshet.contract.topics import USER_TOPIC_INDEX
from freshet.simulator import load_shop, simulate
from online_model.actions import Action
from online_model.evaluation import Evaluation
from online_model.profile import Profile
from stream.app import Worker

EVENTS = 5_000
SILENT = ("searches", "feedback")  # they teach nothing about items
SETTLE_S = 20.0


@contextmanager
def running_inside(shop: Shop) -> Iterator[Worker]:
    """A worker in a thread of this process, so that each event's effects can be waited for without asking around."""
    loop = asyncio.new_event_loop()
    made: list[Worker] = []
    stop = asyncio.Event()

    async def main() -> None:
        made.append(Worker(shop.settings))
        await made[0].app.start()
        await stop.wait()
        await made[0].app.stop()
        await made[0].redis.aclose()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    try:
        until(lambda: made)
        yield made[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SETTLE_S
    while not condition():
        assert time.monotonic() < deadline, "the worker did not get on"
        time.sleep(0.0005)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("shop", [{"model__influence_ms": "86400000"}], indirect=True)
def test_the_same_events_streamed_and_evaluated_publish_the_same_lists(shop: Shop) -> None:
    offline: list[tuple[str, list[str], bytes]] = []
    streamed: list[tuple[str, list[str], bytes]] = []

    def publish(user: str, profile: Profile, action: Action) -> None:
        ranking = evaluation.recommender.rank(profile, action.ts)
        offline.append((user, ranking.items, ranking.p.astype("<f2").tobytes()))

    signals, described = 0, list[str]()
    tasks = [task.task() for task in shop.settings.pair_tasks]
    evaluation = Evaluation(shop.settings.model, tasks, publish=publish)
    with running_inside(shop) as worker:
        for topic, value in messages():
            if topic == "items":
                item = decode(topic, value, now_ms=2**60)
                shop.send(topic, value, key=item.item_id)
                described.append(item.item_id)
                evaluation.take(to_description(item))
                continue
            until(partial(are_described, worker, described))
            described.clear()
            event = decode(topic, value, now_ms=2**60)
            sent = shop.send(topic, value, key=event.user_id).get(10)
            until(partial(is_stored, shop, topic, sent.partition, sent.offset))
            source = (USER_TOPIC_INDEX[topic], sent.partition, sent.offset)
            evaluation.take((event.user_id, to_action(topic, event)), source)
            signals += topic not in SILENT
            until(partial(is_learned, worker, evaluation.recommender.heads.learned, signals))
            published = shop.published(event.user_id)
            assert published
            streamed.append((event.user_id, published.items, published.p))

    assert len(streamed) == EVENTS
    assert streamed == offline
    assert evaluation.recommender.heads.shown.rows > 10 * shop.settings.model.least_shown
    assert worker.model.core.heads.dump() == evaluation.recommender.heads.dump()


def are_described(worker: Worker, item_ids: list[str]) -> bool:
    return all(worker.model.core.items.vocabulary.find(item_id) >= 0 for item_id in item_ids)


def is_stored(shop: Shop, topic: str, partition: int, offset: int) -> bool:
    return int(shop.redis.get(shop.keys.watermark(topic, partition)) or 0) > offset


def is_learned(worker: Worker, examples: int, signals: int) -> bool:
    """Heads and item rows have taken in so much; what is capped sends no signal."""
    if worker.model.core.heads.learned != examples:
        return False
    return total(worker.metrics.signals) + total(worker.metrics.capped) == signals


def total(counter: Counter) -> float:
    """Over all labels; a look at the whole registry would take most of the test's time."""
    return sum(s.value for metric in counter.collect() for s in metric.samples if s.name.endswith("_total"))


def messages() -> Iterator[tuple[str, bytes]]:
    """A simulated shop's events with the catalogue messages among them."""
    for record in simulate(load_shop(None), EVENTS):
        yield record.topic, record.raw or msgspec.json.encode(record.event)
