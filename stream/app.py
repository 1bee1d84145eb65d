"""The worker: a Faust app with four agents. Agents move batches; what they mean is decided in the files beside."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import faust
from prometheus_client import start_http_server

from freshet.contract.keys import Keys
from freshet.contract.topics import ERASURES, EXAMPLES, ITEM_SIGNALS, ITEMS, USER_TOPICS
from freshet.security.connections import connect_redis_async
from freshet.settings import Kafka, Settings
from online_model.recommender import Recommender
from stream.batches import batches
from stream.catalogue import Catalogue
from stream.credentials import credentials
from stream.exact_consumer import ExactConsumer
from stream.examples_log import read_examples
from stream.giving_up import give_up
from stream.intake import Record, record_of
from stream.items import Items
from stream.known_items import KnownItems
from stream.learner import Learner
from stream.metrics import WorkerMetrics
from stream.patience import PASSING
from stream.serving_model import ServingModel
from stream.shoppers import Shoppers
from stream.takeover import Takeover
from stream.topics_watch import TopicsWatch
from stream.warm_up import warm_up
from stream.watermarks import Moved, Watermarks

log = logging.getLogger(__name__)


class Worker:
    """One worker's parts, wired. `app` is what Faust runs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.redis, self.keys = connect_redis_async(settings.redis), Keys.of(settings)
        self.metrics = WorkerMetrics()
        tasks = [task.task() for task in settings.pair_tasks]
        warm_up(settings.model, tasks)
        self.model = ServingModel(Recommender(settings.model, tasks))
        self.app = _faust_app(settings)
        table, producer = self.model.core.items, lambda: self.app.producer
        known = KnownItems(self.redis, self.keys, table, self.metrics.salvage)
        marks = Watermarks(self.redis)
        self.items = Items(settings, self.redis, marks, table, known, self.metrics)
        room = self.items.make_room
        self.shoppers = Shoppers(
            settings, self.redis, marks, producer, self.model, known, self.metrics, room, self._users_waiting
        )
        self.catalogue = Catalogue(settings, marks, producer, table, self.metrics)
        read = partial(read_examples, settings.kafka)
        self.learner = Learner(settings, self.redis, marks, self.model, read, self.metrics)
        parts = self.shoppers, self.items, self.learner
        self.watermarks = marks
        self.takeover = Takeover(self.app, settings.kafka.prefix, self.keys, marks, parts, self.metrics)
        self.topics = TopicsWatch(settings.kafka, self.metrics)
        self._add_agents()
        self._add_timers()

    def _add_agents(self) -> None:
        def ack(events: list[Any]) -> None:
            for event in events:
                event.ack()

        users = [topic.name for topic in (*USER_TOPICS, ERASURES)]
        shoppers = self.shoppers
        self._agent("shoppers", users, shoppers.serve, then=ack, is_work_left=lambda: bool(shoppers.due))
        self._agent("catalogue", [ITEMS.name], self.catalogue.serve, then=ack)
        # What these two have folded is stored, and then acknowledged, at the next flush.
        self._agent("items", [ITEM_SIGNALS.name], self.items.absorb, then=self.takeover.hold)
        self._agent("learner", [EXAMPLES.name], self.learner.learn, then=self.takeover.hold)

    def _agent(
        self,
        name: str,
        topics: list[str],
        work: Callable[[list[Record]], Awaitable[None]],
        then: Callable[[list[Any]], None],
        is_work_left: Callable[[], bool] = lambda: False,
    ) -> None:
        prefix, limits, turns = self.settings.kafka.prefix, self.settings.worker, self.takeover.turns

        async def run(stream: Any) -> None:
            arrived = batches(stream, limits.batch_events, limits.linger_s, turns, is_work_left)
            async for turn, batch in arrived:
                records = [record_of(event, prefix) for event in batch]
                try:
                    if turn == turns.number:
                        self.takeover.see(records)
                    if await turns.work(turn, partial(work, records)):
                        then(batch)
                except Moved as moved:
                    self.takeover.begin_again(turn, moved)
                except Exception as error:
                    give_up(f"the {name} agent would leave a hole in the fold", error)

        channel = self.app.topic(*(prefix + t for t in topics), key_serializer="raw", value_serializer="raw")
        self.app.agent(channel, name=name)(run)

    def _add_timers(self) -> None:
        async def keep_up() -> None:
            turns = self.takeover.turns
            turn = turns.number
            try:
                await turns.work(turn, self._keep_up)
            except Moved as moved:
                self.takeover.begin_again(turn, moved)
            except PASSING as error:
                log.warning("Redis or Kafka does not answer: %s: %s", type(error).__name__, error)
            self._show_lag()
            self.topics.look(self.app.consumer)

        async def serve_metrics() -> None:
            if self.settings.worker.metrics_port:
                start_http_server(self.settings.worker.metrics_port, registry=self.metrics.registry)

        async def watch_faust() -> None:
            await self.app.wait_until_stopped()
            if self.app.crashed:
                give_up("Faust cannot go on", self.app.crash_reason)

        self.app.timer(self.settings.worker.flush_s)(keep_up)
        self.app.task(serve_metrics)
        self.app.task(watch_faust)

    async def _keep_up(self) -> None:
        await self.takeover.flush()
        await self.watermarks.check()
        await self.learner.follow_registry()

    def _users_waiting(self) -> int:
        counts = self.takeover.waiting()
        return sum(counts.get(topic.name, 0) for topic in USER_TOPICS)

    def _show_lag(self) -> None:
        for topic, count in self.takeover.waiting().items():
            self.metrics.lag.labels(topic).set(count)


class _App(faust.App):
    def _create_directories(self) -> None:
        """None: they would hold Faust's tables, of which there are none."""


def _faust_app(settings: Settings) -> faust.App:
    kafka: Kafka = settings.kafka
    answer_s = 3 * kafka.session_timeout_s  # a connection may be silent for so long
    app = _App(
        kafka.group,
        broker="kafka://" + kafka.bootstrap.replace(",", ";"),
        broker_credentials=credentials(kafka),
        store="memory://",
        autodiscover=False,
        topic_allow_declare=False,  # freshet.contract.admin makes and checks the topics
        topic_disable_leader=True,
        topic_partitions=kafka.partitions,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=kafka.session_timeout_s,
        broker_heartbeat_interval=kafka.session_timeout_s / 20,  # a rebalance waits for everybody's next one
        broker_rebalance_timeout=2 * kafka.session_timeout_s,  # a join waits for all, and within answer_s
        broker_request_timeout=answer_s,  # 90 s by default
        broker_commit_interval=1.0,
        consumer_metadata_max_age_ms=10_000,  # so long a topic that was made anew is not seen
        producer_request_timeout=answer_s,  # 20 minutes by default
        producer_acks=-1,
        producer_linger=0,
        producer_compression_type="lz4",
        producer_max_request_size=8 * 1024 * 1024,
        stream_wait_empty=False,
        stream_buffer_maxsize=4096,
        web_enabled=False,
        web_port=settings.worker.web_port,
    )
    transport: Any = app.transport
    transport.Consumer = ExactConsumer
    return app
