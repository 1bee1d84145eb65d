"""One pass over a log: each event is ranked, counted, and only then learned."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import islice
from typing import Any

import msgspec

from online_model.actions import Action, Description, Step
from online_model.evaluation.lists import EVERY, Lists
from online_model.evaluation.places import K, Places
from online_model.evaluation.reliability import Reliability
from online_model.evaluation.report import figures
from online_model.evaluation.segments import SEGMENTS, segments_of
from online_model.evaluation.snapshot import Pending, Snapshot, restore_items, save_items
from online_model.evaluation.tally import Tally
from online_model.example import CHOICE, Example
from online_model.exposure import Exposure
from online_model.heads import Heads
from online_model.profile import Profile
from online_model.ranking import Observation
from online_model.recommender import Recommender
from online_model.settings import ModelSettings
from online_model.tasks import DEFAULT_TASKS, Task

Record = Description | tuple[str, Action]  # what the catalogue says, or what a user did
Source = tuple[int, int, int]  # topic number, partition, offset
NEVER_MS = 2**63 - 1
WINDOWS = 20  # of a learning curve
WATCHED = 1_000  # events from one call of `watch` to the next


class Evaluation:
    """`take` each record of a log in order; `report` at any time.

    Events from the measure_from-th on are counted, if their user has had min_context events. frozen: from
    there on neither heads nor item table learn; the user's own events are context all the same.
    late_ms: an event counts only that much later, in event time: until then neither its shopper's profile nor item
    rows nor heads know of it. window: events of one point of the learning curve, which the warm-up is part of.
    publish: called after each event, before anything is learned from it, where a worker publishes a list.
    """

    def __init__(
        self,
        settings: ModelSettings | None = None,
        tasks: Sequence[Task] = DEFAULT_TASKS,
        *,
        measure_from: int = 0,
        min_context: int = 0,
        k: int = K,
        frozen: bool = False,
        late_ms: int = 0,
        window: int = 5_000,
        publish: Callable[[str, Profile, Action], None] = lambda user, profile, action: None,
    ) -> None:
        settings = msgspec.structs.replace(settings or ModelSettings(), baselines="all")
        self.recommender = Recommender(settings, tasks)
        self.records = self.events = 0
        self.k, self._publish = k, publish
        self._measure_from, self._min_context, self._frozen = measure_from, min_context, frozen
        self._late_ms, self._window = late_ms, window
        self._profiles: dict[str, Profile] = {}
        self._contexts: dict[str, int] = {}
        self._pending: deque[Pending] = deque()
        self._tally, self._windows = Tally.blank(len(tasks), k), list[Tally]()
        self._segments = {name: [Places(k) for _ in tasks] for name in SEGMENTS}
        self._reliability, self._since_ms = Reliability(tasks), NEVER_MS
        self._lists = Lists.blank(len(tasks), k)
        self._exposure = Exposure(self.recommender.items, settings.new_days)

    def take(self, record: Record, source: Source | None = None) -> None:
        """The next record of the log. source: where it lies in Kafka, if it does: it seeds the draw of rivals."""
        self.records += 1
        if isinstance(record, Description):
            self.recommender.describe(record)
            return
        user, action = record
        self._settle(action.ts - self._late_ms)
        profile = self._profile(user)
        context = self._contexts.get(user, 0)
        eligible = context >= self._min_context
        measured = eligible and self.events >= self._measure_from
        segments = segments_of(profile, self.recommender.items, action, context) if measured else []
        listed = self._list(profile, action) if measured and self.events % EVERY == 0 else None
        source = source or (0, 0, self.events)
        seen = self.recommender.observe(deepcopy(profile) if self._late_ms else profile, action, source)
        self.events += 1
        if seen.duplicate:
            return
        self._contexts[user] = context + 1
        self._publish(user, profile, action)
        if eligible and seen.task >= 0:
            self._count(seen, segments, measured)
            if listed is not None:
                place = listed.index(action.item) if action.item in listed else -1
                self._lists.targets[seen.task].add(place)
        if measured:
            self._since_ms = min(self._since_ms, action.ts)
            for example in seen.examples:
                if example.ts >= self._since_ms:  # not a label of a page from before
                    self._reliability.watch(self.recommender.heads, example)
        if self._late_ms:
            choices = tuple(example for example in seen.examples if example.kind == CHOICE)
            self._pending.append(Pending(user, action, source, choices, measured))
        else:
            self._learn(seen.examples, seen.step, measured)

    def _list(self, profile: Profile, action: Action) -> list[str]:
        """What the shopper would have been shown just before."""
        ranking = self.recommender.rank(profile, action.ts, self.k)
        self._lists.add(self._exposure.of(ranking.places, action.ts), self._exposure.median)
        return ranking.items

    def _count(self, seen: Observation, segments: Sequence[str], measured: bool) -> None:
        """Into the window; and, past the warm-up, into the totals."""
        first = (self.events - 1) // self._window * self._window
        if not self._windows or self._windows[-1].first < first:
            self._windows.append(Tally.blank(len(self.recommender.tasks), self.k, first))
        self._windows[-1].add(seen)
        if measured:
            self._tally.add(seen)
            for name in segments:
                self._segments[name][seen.task].add(seen.rank)

    def _settle(self, until_ms: int) -> None:
        """Let the events up to then count: choices teach what was seen when they were made, pages what is known now."""
        while self._pending and self._pending[0].action.ts <= until_ms:
            late = self._pending.popleft()
            seen = self.recommender.observe(self._profile(late.user), late.action, late.source)
            if not seen.duplicate:
                pages = [example for example in seen.examples if example.kind != CHOICE]
                self._learn([*late.choices, *pages], seen.step, late.measured)

    def _learn(self, examples: Iterable[Example], step: Step | None, measured: bool) -> None:
        if not (self._frozen and measured):
            for example in examples:
                self.recommender.learn(example)
            if step:
                self.recommender.absorb(step)
        if self.recommender.items.full:
            self._evict()

    def _profile(self, user: str) -> Profile:
        if user not in self._profiles:
            self._profiles[user] = self.recommender.profile()
        return self._profiles[user]

    def _evict(self) -> None:
        """Items are renumbered, so everybody's profile goes through its dump."""
        items = self.recommender.items
        dumps = {user: profile.dump(items.vocabulary) for user, profile in self._profiles.items()}
        items.evict()
        self._profiles = {user: self.recommender.profile(data) for user, data in dumps.items()}

    def report(self) -> dict[str, Any]:
        """Everything measured, ready for JSON (report.py)."""
        return {
            "events": self.events,
            "users": len(self._profiles),
            "items": len(self.recommender.items),
            **figures(self._tally, self._segments, self._windows, self._reliability, self.recommender.tasks),
            "lists": self._lists.figures(self.recommender.tasks),
        }

    def snapshot(self) -> Snapshot:
        """All of it, as bytes and numbers: a pass that goes on from here ends as if it had never stopped."""
        items = self.recommender.items
        return Snapshot(
            self.records,
            self.events,
            save_items(items),
            self.recommender.heads.dump(),
            {user: profile.dump(items.vocabulary) for user, profile in self._profiles.items()},
            self._contexts,
            list(self._pending),
            self._tally,
            self._windows,
            self._segments,
            self._reliability.sums(),
            self._since_ms,
            self._lists,
        )

    def resume(self, snapshot: Snapshot) -> None:
        """Take over a snapshot of a pass with the same arguments. The next record to take is its `records`-th."""
        core = self.recommender
        restore_items(core.items, snapshot.items)
        core.heads = Heads.load(snapshot.heads, core.settings, core.tasks)
        self.records, self.events, self._contexts = snapshot.records, snapshot.events, snapshot.contexts
        self._profiles = {user: core.profile(data) for user, data in snapshot.profiles.items()}
        self._pending = deque(snapshot.pending)
        self._tally, self._windows, self._segments = snapshot.tally, snapshot.windows, snapshot.segments
        self._reliability.restore(snapshot.sums)
        self._since_ms, self._lists = snapshot.since_ms, snapshot.lists
        self._exposure.lists, self._exposure.median = snapshot.lists.lists, snapshot.lists.median


def evaluate(
    records: Iterable[Record],
    total: int | None = None,
    *,
    settings: ModelSettings | None = None,
    tasks: Sequence[Task] = DEFAULT_TASKS,
    warmup: float = 0.5,
    measure_from: int | None = None,
    min_context: int = 0,
    k: int = K,
    frozen: bool = False,
    late_ms: int = 0,
    resume: Snapshot | None = None,
    watch: Callable[[Evaluation], None] = lambda evaluation: None,
) -> dict[str, Any]:
    """The report (see Evaluation) over a whole log.

    total: its number of user events; None counts them, which holds them all in memory. warmup: share of them
    that is learned from before measuring; measure_from gives the number itself (a training file's length).
    resume: go on from there, with the same records and arguments. watch: called every 1,000 events.
    """
    if total is None:
        records = list(records)
        total = sum(not isinstance(record, Description) for record in records)
    evaluation = Evaluation(
        settings,
        tasks,
        measure_from=int(total * warmup) if measure_from is None else measure_from,
        min_context=min_context,
        k=k,
        frozen=frozen,
        late_ms=late_ms,
        window=max(math.ceil(total / WINDOWS), 1),
    )
    if resume:
        evaluation.resume(resume)
        records = islice(records, resume.records, None)
    watched = evaluation.events
    for record in records:
        evaluation.take(record)
        if evaluation.events - watched >= WATCHED:
            watched = evaluation.events
            watch(evaluation)
    watch(evaluation)
    return evaluation.report()
