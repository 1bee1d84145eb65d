"""The worker: a Faust app with four agents. Agents move batches; what they mean is decided in the files beside."""

import logging
import os
from functools import partial
from pathlib import Path
from typing import Any

import faust
from prometheus_client import start_http_server
from redis.asyncio import Redis

from freshet.contract.keys import Keys
from freshet.contract.topics import EXAMPLES, ITEM_SIGNALS, ITEMS, USER_TOPICS
from freshet.settings import Settings
from online_model.recommender import Recommender
from stream.batches import batches
from stream.catalogue import Catalogue
from stream.examples_log import read_examples
from stream.intake import record_of
from stream.items import Items
from stream.known_items import KnownItems
from stream.learner import Learner
from stream.metrics import WorkerMetrics
from stream.serving_model import ServingModel
from stream.shoppers import Shoppers

log = logging.getLogger(__name__)


def build(settings: Settings, *, data_dir: Path) -> faust.App:
    """The app, ready to run: agents, timers, and the start from our own watermarks. data_dir: Faust's scratch."""
    app = _faust_app(settings, data_dir)
    prefix = settings.kafka.prefix
    redis, keys = Redis.from_url(settings.redis.url), Keys(settings.redis.prefix)
    metrics = WorkerMetrics()
    model = ServingModel(Recommender(settings.model, [task.task() for task in settings.tasks]))
    known = KnownItems(redis, keys, model.core.items)
    shoppers = Shoppers(settings, redis, lambda: app.producer, model, known, metrics)
    catalogue = Catalogue(settings, redis, lambda: app.producer, model.core.items, metrics)
    items = Items(settings, redis, model.core.items, known, metrics)
    learner = Learner(settings, redis, model, partial(read_examples, settings.kafka), metrics)

    def agent(name: str, topics: list[str], work: Any, kept: list[Any] | None = None) -> None:
        """kept: where events wait whose effects are stored later than the batch, at a flush."""

        async def run(stream: Any) -> None:
            async for batch in batches(stream, settings.worker.batch_events):
                try:
                    await work([record_of(event, prefix) for event in batch])
                except Exception:
                    # Going on would leave a hole in the fold. A restart reads again from the watermark.
                    log.exception("the %s agent cannot go on; the worker stops", name)
                    os._exit(70)
                if kept is None:
                    for event in batch:
                        event.ack()
                else:
                    kept.extend(batch)

        channel = app.topic(*(prefix + topic for topic in topics), key_serializer="raw", value_serializer="raw")
        app.agent(channel, name=name)(run)

    to_flush: list[Any] = []
    agent("shoppers", [topic.name for topic in USER_TOPICS], shoppers.serve)
    agent("catalogue", [ITEMS.name], catalogue.serve)
    agent("items", [ITEM_SIGNALS.name], items.absorb, to_flush)
    agent("learner", [EXAMPLES.name], learner.learn, to_flush)

    async def flush() -> None:
        done, to_flush[:] = to_flush[:], []
        await items.flush()
        await learner.flush()
        for event in done:
            event.ack()

    @app.timer(settings.worker.flush_s)
    async def keep_up() -> None:
        await flush()
        await learner.switch_if_wanted()
        _show_lag(app, prefix, metrics)

    @app.on_partitions_revoked.connect
    async def let_go(*_: Any, **__: Any) -> None:
        await flush()

    @app.on_rebalance_complete.connect
    async def start_from_watermarks(*_: Any, **__: Any) -> None:
        """Faust seeks to what is committed: commit what Redis says it reflects, be it behind the group or ahead."""
        held = {tp: (tp.topic.removeprefix(prefix), tp.partition) for tp in app.consumer.assignment()}
        shoppers.profiles.forget_all()
        next_signal = await items.resume({partition for topic, partition in held.values() if topic == ITEM_SIGNALS.name})
        offsets = {}
        for tp, (topic, partition) in held.items():
            if topic == ITEM_SIGNALS.name:
                offsets[tp] = next_signal[partition]
            elif topic == EXAMPLES.name:
                offsets[tp] = await learner.resume()
            else:
                offsets[tp] = int(await redis.get(keys.watermark(topic, partition)) or 0)
        if offsets:
            await app.consumer._commit(offsets)

    @app.task
    async def serve_metrics() -> None:
        if settings.worker.metrics_port:
            start_http_server(settings.worker.metrics_port, registry=metrics.registry)

    return app


def _faust_app(settings: Settings, data_dir: Path) -> faust.App:
    kafka = settings.kafka
    return faust.App(
        kafka.group,
        broker="kafka://" + kafka.bootstrap.replace(",", ";"),
        datadir=str(data_dir),
        store="memory://",
        autodiscover=False,
        topic_allow_declare=False,  # freshet.contract.admin makes and checks the topics
        topic_disable_leader=True,
        topic_partitions=kafka.partitions,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=kafka.session_timeout_s,
        broker_heartbeat_interval=kafka.session_timeout_s / 6,
        broker_commit_interval=1.0,
        producer_acks=-1,
        producer_linger=0,
        producer_compression_type="lz4",
        producer_max_request_size=8 * 1024 * 1024,
        stream_wait_empty=False,
        stream_buffer_maxsize=4096,
        web_enabled=False,
        web_port=settings.worker.web_port,
    )


def _show_lag(app: faust.App, prefix: str, metrics: WorkerMetrics) -> None:
    behind: dict[str, int] = {}
    for tp in app.consumer.assignment():
        end, read = app.consumer.highwater(tp), app.consumer._read_offset.get(tp)
        topic = tp.topic.removeprefix(prefix)
        behind[topic] = behind.get(topic, 0) + max(0, (end or 0) - (read + 1 if read is not None else 0))
    for topic, count in behind.items():
        metrics.lag.labels(topic).set(count)
