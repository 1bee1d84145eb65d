"""The shoppers agent's work: users' events in, profiles and fresh lists out, examples and item signals on."""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from redis.asyncio import Redis

from freshet.actions import to_action
from freshet.contract.erasures import unpack_erasure
from freshet.contract.events import UserEvent
from freshet.contract.examples import MESSAGE_EXAMPLES, pack_examples
from freshet.contract.keys import Keys
from freshet.contract.partitioner import partition_of
from freshet.contract.signals import SEGMENTS_PARTITION, Signal, pack_signals
from freshet.contract.topics import ERASURES, EXAMPLES, ITEM_SIGNALS, USER_TOPIC_INDEX, USER_TOPICS
from freshet.settings import Settings
from online_model.example import Example
from online_model.exposure import Exposure
from online_model.ranking import Observation
from stream.commands import Command
from stream.due import Changes, Due
from stream.erasures_log import Erased, read_erasures
from stream.intake import Intake, Record
from stream.known_items import KnownItems
from stream.lists import pack_list
from stream.metrics import WorkerMetrics
from stream.outbox import KafkaProducer, Message, send_all
from stream.patience import until_done
from stream.profiles import Profiles
from stream.pushes import Pushes
from stream.serving_model import ServingModel
from stream.thinning import lists_to_catch_up
from stream.watermarks import Place, Watermarks

PAGE = 20  # places whose recall and exposure are watched


class Effects(NamedTuple):
    """All that one batch changes outside this process: messages are sent first, then the keys are written.

    partitions: whose users' state is written.
    """

    messages: list[Message]
    users: dict[str, bytes | None]
    watermarks: dict[str, bytes]
    partitions: set[int]


class Shoppers:
    """Everything the agent needs, and `serve`, which takes one batch from bytes to stored effects.

    waiting: users' events in Kafka that are in no batch yet.
    """

    def __init__(
        self,
        settings: Settings,
        redis: Redis,
        watermarks: Watermarks,
        producer: Callable[[], KafkaProducer],
        model: ServingModel,
        known: KnownItems,
        metrics: WorkerMetrics,
        make_room: Callable[[], Awaitable[None]],
        waiting: Callable[[], int],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._watermarks, self._producer, self._clock = settings, watermarks, producer, clock
        self._model, self._core, self._known, self._metrics = model, model.core, known, metrics
        self._keys, self._make_room, self._waiting = Keys.of(settings), make_room, waiting
        self._intake = Intake(settings.kafka)
        most = settings.worker.profiles_cached
        self.profiles = Profiles(redis, self._keys, self._core, most, metrics.salvage)
        self.due = Due(redis, self._keys, metrics.salvage)
        self._pushes = Pushes(metrics.pushed)
        self._exposure = Exposure(self._core.items, settings.model.new_days)

    async def resume(self, partitions: set[int], unmoved: set[Place]) -> None:
        """Hold the people of these partitions; in memory stay those whose state nobody else has written meanwhile."""
        topics = [topic.name for topic in (*USER_TOPICS, ERASURES)]
        stay = {p for p in partitions if all((topic, p) in unmoved for topic in topics)}
        self.profiles.keep(stay, self._settings.kafka.partitions)
        self.profiles.erasures.update(await read_erasures(self._settings.kafka, partitions - stay))
        await self.due.resume(partitions)

    async def serve(self, records: list[Record]) -> None:
        """One batch. Returns when all its effects are acknowledged by Kafka and stored in Redis.

        What it does to memory is done once; sending and writing are repeated until they pass. No records: only lists
        that were put off.
        """
        retried = self._metrics.rescued.labels
        await self._make_room()
        effects = Effects([], {}, {}, {record.partition for record in records})
        erased = self._erased(records, effects.messages)
        events = self._sorted(records, effects.messages)
        users = dict.fromkeys([*erased, *(event.user_id for _, event in events)])
        behind = self._waiting() > self._settings.worker.behind_events
        due = self._due_now(behind, len(events), len(users))
        effects.partitions.update(partition_of(user, self._settings.kafka.partitions) for user in due)
        await until_done(
            "reading users and items", lambda: self._bring([*users, *due], events), retried("read").inc
        )
        for user in erased:
            effects.users[self._keys.profile(user)] = self.profiles.pack(user)
            effects.users[self._keys.published(user)] = None
        touched = self._fold(events, effects)
        for user, since in touched.items() if behind else ():
            self.due.put_off(user, *since)
        waited = self._make_lists(due if behind else dict.fromkeys([*touched, *due]), effects)
        self._metrics.deferred.inc(sum(user in self.due for user in touched))
        for record in records:
            effects.watermarks[self._keys.watermark(record.topic, record.partition)] = b"%d" % (
                record.offset + 1
            )
        await until_done(
            "sending to Kafka", lambda: send_all(self._producer(), effects.messages), retried("kafka").inc
        )
        changes = self.due.take_changes()
        await until_done("writing to Redis", lambda: self._write(effects, changes), retried("redis").inc)
        self._count_time(events, waited)
        self.profiles.trim()
        self._metrics.users_cached.set(len(self.profiles))
        self._metrics.due.set(len(self.due))

    def _erased(self, records: list[Record], outgoing: list[Message]) -> list[str]:
        """The people whose erasure is among these; their events in the same batch meet it already."""
        people = []
        for record in records:
            if record.topic != ERASURES.name:
                continue
            self._metrics.consumed.labels(record.topic).inc()
            outcome = "applied"
            try:
                if record.key and record.value:
                    person = record.key.decode()
                    if partition_of(person, self._settings.kafka.partitions) != record.partition:
                        raise ValueError("it does not lie in its person's partition")
                    self.profiles.erasures[person] = Erased(record.offset, unpack_erasure(record.value))
                    people.append(person)
                    self.due.settle(person)
            except ValueError as error:
                outgoing.append(
                    self._intake.dead_letter(record, str(error), now_ms=int(self._clock() * 1000))
                )
                outcome = "dead_lettered"
            self._metrics.events.labels(record.topic, outcome).inc()
        return people

    def _sorted(self, records: list[Record], outgoing: list[Message]) -> list[tuple[Record, UserEvent]]:
        now_ms = int(self._clock() * 1000)
        events = []
        for record in records:
            if record.topic == ERASURES.name:
                continue
            self._metrics.consumed.labels(record.topic).inc()
            outcome, event = self._intake.sort(record, outgoing, now_ms=now_ms)
            if event is None:
                self._metrics.events.labels(record.topic, outcome).inc()
            else:
                events.append((record, event))
        self._metrics.batch_events.observe(len(records))
        return events

    async def _bring(self, users: list[str], events: list[tuple[Record, UserEvent]]) -> None:
        items = [event.item_id for _, event in events if hasattr(event, "item_id")]
        for _, event in events:
            items.extend(getattr(event, "items", ()))
        items.extend(await self.profiles.bring(users))
        await self._known.bring(items)

    def _fold(self, events: list[tuple[Record, UserEvent]], effects: Effects) -> dict[str, tuple[int, float]]:
        """User → partition and Kafka timestamp of the first of these events that changed the profile."""
        examples: list[Example] = []
        signals: dict[int, list[Signal]] = {}
        touched: dict[str, tuple[int, float]] = {}
        for record, event in events:
            outcome = self._apply(record, event, examples, signals)
            self._metrics.events.labels(record.topic, outcome).inc()
            if outcome == "applied":
                touched.setdefault(event.user_id, (record.partition, record.timestamp))
        for user in touched:
            effects.users[self._keys.profile(user)] = self.profiles.pack(user)
        prefix = self._settings.kafka.prefix
        for start in range(0, len(examples), MESSAGE_EXAMPLES):
            value = pack_examples(examples[start : start + MESSAGE_EXAMPLES])
            effects.messages.append(Message(prefix + EXAMPLES.name, 0, None, value))
        for partition, said in sorted(signals.items()):
            effects.messages.append(Message(prefix + ITEM_SIGNALS.name, partition, None, pack_signals(said)))
        return touched

    def _apply(
        self, record: Record, event: UserEvent, examples: list[Example], signals: dict[int, list[Signal]]
    ) -> str:
        topic = USER_TOPIC_INDEX[record.topic]
        profile, marks, _ = self.profiles[event.user_id]
        erased = self.profiles.erasures.get(event.user_id)
        if erased is not None and erased.erasure.covers(topic, record.offset, record.timestamp):
            return "erased"
        if record.offset <= marks[topic]:
            return "duplicate"  # delivered again: the stored profile has it
        marks[topic] = record.offset
        source = (topic, record.partition, record.offset)
        with self._metrics.observe.time():
            seen = self._core.observe(profile, to_action(record.topic, event), source)
        if seen.duplicate:
            return "duplicate"  # sent twice by the shop
        examples.extend(seen.examples)
        self._count_rank(seen)
        if seen.capped:
            self._metrics.capped.labels(seen.capped).inc()
        if item := getattr(event, "item_id", ""):
            self._pushes.see(event.user_id, item, event.ts, seen.capped)
        if seen.step is not None:
            signal = Signal(*source, seen.step)
            item_partitions = self._settings.kafka.item_partitions
            owners = {partition_of(item, item_partitions) for item in signal.items()}
            for partition in {SEGMENTS_PARTITION, *owners}:
                signals.setdefault(partition, []).append(signal)
        return "applied"

    def _count_rank(self, seen: Observation) -> None:
        if seen.task < 0:
            return
        task = self._core.tasks[seen.task].name
        self._metrics.ranked.labels(task).inc()
        for ranker, rank in {"model": seen.rank, **seen.baselines}.items():
            if 0 <= rank < PAGE:
                self._metrics.hits.labels(task, ranker).inc()

    def _due_now(self, behind: bool, events: int, touched: int) -> list[str]:
        """Whose list, put off before, is made with this batch."""
        limits = self._settings.worker
        return self.due.oldest(lists_to_catch_up(behind, events, touched, len(self.due), limits))

    def _make_lists(self, users: Iterable[str], effects: Effects) -> list[float]:
        """The Kafka timestamps since which they were due, of those that were put off."""
        waited = []
        for user in users:
            since_s = self.due.settle(user)
            profile = self.profiles[user].profile
            if not profile.seen:
                continue  # erased since
            if since_s is not None:
                waited.append(since_s)
            now_ms, event_ts = int(self._clock() * 1000), profile.newest_ts
            with self._metrics.score.time():
                ranking = self._core.rank(profile, event_ts)
                self._count_exposure(ranking.places[:PAGE], event_ts)
                effects.users[self._keys.published(user)] = pack_list(self._model, ranking, event_ts, now_ms)
        return waited

    def _count_exposure(self, listed: NDArray[np.int32], event_ts: int) -> None:
        for group, n in self._exposure.of(listed, event_ts)._asdict().items():
            self._metrics.listed.labels(group).inc(n)

    def _count_time(self, events: list[tuple[Record, UserEvent]], waited: list[float]) -> None:
        """From the Kafka timestamps to now, when all is stored."""
        now = self._clock()
        for record, event in events:
            self._metrics.stored.observe(max(0.0, now - record.timestamp))
            if event.user_id not in self.due:
                self._metrics.visible.observe(max(0.0, now - record.timestamp))
        for since_s in waited:
            self._metrics.visible.observe(max(0.0, now - since_s))

    async def _write(self, effects: Effects, changes: Changes) -> None:
        life_s = self._settings.redis.user_ttl_s
        commands: list[Command] = [
            ("DEL", key) if value is None else ("SET", key, value, "EX", life_s)
            for key, value in effects.users.items()
        ]
        beside = [
            self._keys.watermark(topic.name, partition)
            for partition in effects.partitions
            for topic in (*USER_TOPICS, ERASURES)
        ]
        await self._watermarks.write(effects.watermarks, commands + changes.commands(), beside)
