"""Prequential evaluation: every event is ranked before it is learned, by the very calls the stream makes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from online_model.actions import Action, Description
from online_model.baselines import BASELINES
from online_model.history import find
from online_model.kinds import Kind
from online_model.prequential import K, Places
from online_model.profile import Profile
from online_model.progressive import Progressive
from online_model.ranking import Observation
from online_model.recommender import Recommender
from online_model.settings import ModelSettings
from online_model.tasks import DEFAULT_TASKS, Task

Record = Description | tuple[str, Action]  # what the catalogue says, or what a user did
WEIGHTS = {Kind.CLICK: 0.1, Kind.CART: 0.3, Kind.PURCHASE: 0.6}  # of weighted_recall: OTTO's, RecSys 2023
NEW_USER = NEW_ITEM = 5  # fewer earlier events than this
SEGMENTS = ("new_users", "new_items", "repeats", "discoveries")


class Evaluation:
    """One pass over a log. `take` each record in order; `report` at any time.

    Events from the measure_from-th on are counted, if their user has had min_context events. frozen: from
    there on neither heads nor item table learn; the user's own events are context all the same.
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
        publish: Callable[[str, Profile, Action], None] = lambda user, profile, action: None,
    ) -> None:
        settings = msgspec.structs.replace(settings or ModelSettings(), baselines="all")
        self.recommender = Recommender(settings, tasks)
        self.events, self.k, self._publish = 0, k, publish
        self._measure_from, self._min_context, self._frozen = measure_from, min_context, frozen
        self._profiles: dict[str, Profile] = {}
        self._contexts: dict[str, int] = {}
        self._places = [Places(k) for _ in tasks]
        self._baselines = {name: [Places(k) for _ in tasks] for name in BASELINES}
        self._segments = {name: [Places(k) for _ in tasks] for name in SEGMENTS}
        self._progressive = Progressive(tasks, forget=1.0)

    def take(self, record: Record, source: tuple[int, int, int] | None = None) -> None:
        """The next record of the log. source: where it lies in Kafka, if it does: it seeds the draw of rivals."""
        if isinstance(record, Description):
            self.recommender.describe(record)
            return
        user, action = record
        profile = self._profiles.get(user)
        if profile is None:
            profile = self._profiles[user] = self.recommender.profile()
        context = self._contexts.get(user, 0)
        measured = self.events >= self._measure_from and context >= self._min_context
        segments = self._segments_of(profile, action, context) if measured else []
        seen = self.recommender.observe(profile, action, source or (0, 0, self.events))
        self.events += 1
        if seen.duplicate:
            return
        self._contexts[user] = context + 1
        self._publish(user, profile, action)
        if measured and seen.task >= 0:
            self._count(seen, segments)
        for example in seen.examples:
            if measured:
                self._progressive.watch(self.recommender.heads, example)
            if not (self._frozen and measured):
                self.recommender.learn(example)
        if seen.step and not (self._frozen and measured):
            self.recommender.absorb(seen.step)
        if self.recommender.items.full:
            self._evict()

    def _count(self, seen: Observation, segments: list[str]) -> None:
        self._places[seen.task].add(seen.rank)
        for name, place in seen.baselines.items():
            self._baselines[name][seen.task].add(place)
        for name in segments:
            self._segments[name][seen.task].add(seen.rank)

    def _segments_of(self, profile: Profile, action: Action, context: int) -> list[str]:
        items = self.recommender.items
        item = items.vocabulary.find(action.item)
        stats = items.stats[max(item, 0)]
        events = (
            sum(int(stats[name]) for name in ("clicks", "carts", "purchases", "ratings")) if item >= 0 else 0
        )
        known = find(profile.history, profile.size, item) >= 0
        chosen = (context < NEW_USER, events < NEW_ITEM, known, not known)
        return [name for name, is_in in zip(SEGMENTS, chosen, strict=True) if is_in]

    def _evict(self) -> None:
        """Items are renumbered, so everybody's profile goes through its dump."""
        items = self.recommender.items
        dumps = {user: profile.dump(items.vocabulary) for user, profile in self._profiles.items()}
        items.evict()
        self._profiles = {user: self.recommender.profile(data) for user, data in dumps.items()}

    def report(self) -> dict[str, Any]:
        """Everything measured, ready for JSON. weighted_recall: .1 click, .3 cart, .6 purchase, over the tasks that
        were seen.
        """
        tasks, k = self.recommender.tasks, self.k
        figures = {task.name: dict(self._places[t].figures()) for t, task in enumerate(tasks)}
        for t, task in enumerate(tasks):
            quality = self._progressive.quality(t)
            if quality:
                figures[task.name] |= {
                    "auc": round(quality.auc, 4),
                    "logloss": round(quality.log_loss, 5),
                    "calibration": round(quality.calibration, 4),
                }
        return {
            "events": self.events,
            "users": len(self._profiles),
            "items": len(self.recommender.items),
            "tasks": figures,
            "weighted_recall": self._weighted_recall(),
            "mean": self._mean([f for f in figures.values() if f["n"]], k),
            "baselines": {name: self._by_task(places) for name, places in self._baselines.items()},
            "segments": {name: self._by_task(places) for name, places in self._segments.items()},
        }

    def _by_task(self, places: list[Places]) -> dict[str, dict[str, float]]:
        return {
            task.name: places[t].figures() for t, task in enumerate(self.recommender.tasks) if places[t].n
        }

    def _weighted_recall(self) -> float:
        total = weights = 0.0
        for task, places in zip(self.recommender.tasks, self._places, strict=True):
            if places.n and task.label in WEIGHTS:
                total += WEIGHTS[task.label] * places.recall
                weights += WEIGHTS[task.label]
        return round(total / weights, 4) if weights else 0.0

    @staticmethod
    def _mean(figures: list[dict[str, float]], k: int) -> dict[str, float]:
        """Over the tasks. One target a list: precision = recall / k."""
        if not figures:
            return {}
        recall = sum(f[f"recall@{k}"] for f in figures) / len(figures)
        precision = recall / k
        mean = {
            f"recall@{k}": recall,
            f"precision@{k}": precision,
            f"f1@{k}": 2 * precision * recall / (precision + recall) if recall else 0.0,
            f"ndcg@{k}": sum(f[f"ndcg@{k}"] for f in figures) / len(figures),
        }
        aucs = [f["auc"] for f in figures if "auc" in f]
        if aucs:
            mean["auc"] = sum(aucs) / len(aucs)
        return {name: round(value, 4) for name, value in mean.items()}


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
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """The report (see Evaluation) over a whole log.

    total: its number of user events; None counts them, which holds them all in memory. warmup: share of them
    that is learned from before measuring; measure_from gives the number itself (a training file's length).
    progress: called with the number of events so far, every 1,000.
    """
    if total is None:
        records = list(records)
        total = sum(not isinstance(record, Description) for record in records)
    start = int(total * warmup) if measure_from is None else measure_from
    evaluation = Evaluation(settings, tasks, measure_from=start, min_context=min_context, k=k, frozen=frozen)
    for record in records:
        evaluation.take(record)
        if progress and evaluation.events % 1000 == 0:
            progress(evaluation.events)
    return evaluation.report()
