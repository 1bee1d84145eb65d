"""One core: what the worker publishes over Kafka is what the evaluation publishes offline, list by list."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from shop import Shop

from freshet.actions import to_action, to_description
from freshet.contract.events import decode
from freshet.contract.partitioner import partition_of
from freshet.contract.topics import USER_TOPIC_INDEX
from freshet.simulator import load_shop, simulate
from online_model.actions import Action
from online_model.evaluation import Evaluation
from online_model.profile import Profile
from stream.app import Worker

EVENTS = 5_000
ALIKE = ("clicks", "carts", "purchases")
SETTLE_S = 20.0


@contextmanager
def running_inside(shop: Shop, tmp_path: Path) -> Iterator[Worker]:
    """A worker in a thread of this process, so that each event's effects can be waited for without asking around."""
    loop = asyncio.new_event_loop()
    made: list[Worker] = []
    stop = threading.Event()

    async def main() -> None:
        made.append(Worker(shop.settings, data_dir=tmp_path))
        await made[0].app.start()
        while not stop.is_set():
            await asyncio.sleep(0.05)
        await made[0].app.stop()
        await made[0].redis.aclose()

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    try:
        until(lambda: made)
        yield made[0]
    finally:
        stop.set()
        thread.join(30)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SETTLE_S
    while not condition():
        assert time.monotonic() < deadline, "the worker did not get on"
        time.sleep(0.0005)


@pytest.mark.timeout(400)
def test_the_same_events_streamed_and_evaluated_publish_the_same_lists(shop: Shop, tmp_path: Path) -> None:
    offline: list[tuple[str, list[str], bytes]] = []
    streamed: list[tuple[str, list[str], bytes]] = []

    def publish(user: str, profile: Profile, action: Action) -> None:
        ranking = evaluation.recommender.rank(profile, action.ts)
        offline.append((user, ranking.items, ranking.p.astype("<f2").tobytes()))

    tasks = [task.task() for task in shop.settings.tasks]
    evaluation = Evaluation(shop.settings.model, tasks, publish=publish)
    taken = 0
    with running_inside(shop, tmp_path) as worker:
        applied = lambda: worker.metrics.registry.get_sample_value(  # noqa: E731
            "freshet_item_signals_total", {"outcome": "applied"}
        )
        for topic, value in messages():
            if taken == EVENTS:
                break
            if topic == "items":
                item = decode("items", value, now_ms=2**60)
                shop.producer.send(shop.prefix + topic, key=item.item_id.encode(), value=value, partition=0)
                until(lambda: worker.model.core.items.vocabulary.find(item.item_id) >= 0)
                evaluation.take(to_description(item))
                continue
            event = decode(topic, value, now_ms=2**60)
            home = partition_of(event.user_id, shop.settings.kafka.partitions)
            key = event.user_id.encode()
            sent = shop.producer.send(shop.prefix + topic, key=key, value=value, partition=home).get(10)
            taken += 1
            watermark = shop.keys.watermark(topic, sent.partition)
            until(lambda: int(shop.redis.get(watermark) or 0) > sent.offset)
            until(lambda: worker.model.core.heads.learned == taken and applied() == taken)
            published = shop.published(event.user_id)
            assert published
            streamed.append((event.user_id, published.items, published.p))
            source = (USER_TOPIC_INDEX[topic], sent.partition, sent.offset)
            evaluation.take((event.user_id, to_action(topic, event)), source)

    assert len(streamed) == EVENTS
    assert streamed == offline
    assert worker.model.core.heads.dump() == evaluation.recommender.heads.dump()


def messages() -> Iterator[tuple[str, bytes]]:
    """A simulated shop's clicks, carts and purchases with the catalogue messages before them."""
    for record in simulate(load_shop(None), 10 * EVENTS):
        if record.topic == "items" or record.topic in ALIKE:
            yield record.topic, record.raw or msgspec.json.encode(record.event)
