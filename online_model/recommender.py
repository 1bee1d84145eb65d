"""The one core: the stream, the lookups and the evaluation all rank, observe and learn through this class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from online_model import baselines
from online_model.actions import Action, Description, Step
from online_model.candidates import SOURCES, Limits, Scratch, Tables, forget, gather
from online_model.candidates.pool import LINK
from online_model.example import PAST, PAST_ITEMS, Example, name_rows, recall_past
from online_model.encoder_columns import fill, width
from online_model.features import describe
from online_model.hand_blend import blend
from online_model.heads import Heads
from online_model.history import find
from online_model.interests import INTEREST
from online_model.item_table import ItemTable
from online_model.kinds import INTERESTS
from online_model.profile import Profile
from online_model.ranking import Observation, Ranking
from online_model.rivals import draw, uniform
from online_model.settings import ModelSettings
from online_model.tasks import DAY_MS, DEFAULT_TASKS, Task

_NONE = np.zeros(0, np.int32)
ASKED_MOST = 1000  # items of one `score` call
LEAST_ODDS = 0.02  # added to the hand blend when rivals are drawn: nobody is out of reach


class Encoder(Protocol):
    """A trained encoder in compiled form (online_model.encoder)."""

    version: str

    def logits(
        self, profile: Profile, now_ms: int, items: NDArray[np.int32], table: ItemTable
    ) -> NDArray[np.float32]: ...


class Recommender:
    """items: what is known of items. heads: what was learned; replace it whole. encoder: may be None.

    Not for two threads at once: calls work in one scratch space. All of it is a function of the calls made.
    """

    def __init__(self, settings: ModelSettings | None = None, tasks: Sequence[Task] = DEFAULT_TASKS) -> None:
        self.settings = settings = settings or ModelSettings()
        self.tasks = tuple(tasks)
        self.items = ItemTable(settings)
        self.heads = Heads(settings, self.tasks)
        self.encoder: Encoder | None = None
        self._weights = np.array([task.weight for task in self.tasks], np.float32)
        self._limits = Limits(
            queries=settings.queries,
            covisits=settings.covisits,
            categories=settings.categories,
            trending=settings.trending,
            covisit_half_life_ms=float(settings.covisit_half_life_ms),
            warm_half_life_ms=float(settings.warm_half_life_ms),
            hot_half_life_ms=float(settings.hot_half_life_ms),
        )
        most = (
            settings.history
            + settings.queries * settings.neighbours
            + settings.categories * settings.per_category
            + settings.trending
            + ASKED_MOST
        )
        self._pool = np.zeros(most, LINK)
        self._interests = np.zeros(settings.history, INTEREST)
        self._order = np.zeros(most + ASKED_MOST, np.int32)
        self._x = np.zeros((most + ASKED_MOST, width(len(self.tasks))), np.float32)
        self._ones = np.ones(most + ASKED_MOST, np.float32)
        self._scores = np.zeros((most + ASKED_MOST, len(self.tasks)), np.float32)
        self._sampled = np.zeros(settings.rivals, np.int32)
        self._odds = np.zeros(settings.rivals, np.float32)
        self._fit()

    @property
    def version(self) -> str:
        """Encoder and heads that the scores come from."""
        return f"{self.encoder.version if self.encoder else '-'}/{self.heads.learned}"

    def profile(self, data: bytes | None = None) -> Profile:
        """A shopper's profile from its dump, or an empty one."""
        if data is None:
            return Profile(self.settings, self.items.generation)
        return Profile.load(data, self.items.vocabulary, self.settings)

    def describe(self, description: Description) -> None:
        """Take what the catalogue says of an item."""
        self.items.describe_from(description)

    def absorb(self, step: Step, owned: NDArray[np.bool_] | None = None) -> None:
        """Fold one step into the item table (see ItemTable.absorb)."""
        self.items.absorb(step, owned)

    def learn(self, example: Example) -> None:
        """Move the heads by one example."""
        self.heads.learn(example)

    def rank(self, profile: Profile, now_ms: int, k: int | None = None) -> Ranking:
        """The best k items (settings.publish by default) for this shopper now. Changes nothing."""
        order, chosen, x, scores = self._scored(profile, now_ms, _NONE)
        p = self.heads.probabilities(scores, x, chosen)
        blended = _weighted(p, self._weights)
        links = self._pool[order]
        best = np.lexsort((self.items.keys[links["item"]], -blended))[: k or self.settings.publish]
        return self._ranking(profile, links[best], p[best], blended[best])

    def score(self, profile: Profile, items: Sequence[str], now_ms: int) -> Ranking:
        """These items (at most 1,000), in this order, as they would score among the candidates. Changes nothing
        but that names not seen before get an index.
        """
        if len(items) > ASKED_MOST:
            raise ValueError(f"score takes at most {ASKED_MOST} items, got {len(items)}")
        asked = np.array([self.items.add(item) for item in items], np.int32)
        order, chosen, x, scores = self._scored(profile, now_ms, asked)
        p = self.heads.probabilities(scores, x, chosen)[chosen:]
        return self._ranking(profile, self._pool[order[chosen:]], p, _weighted(p, self._weights))

    def observe(self, profile: Profile, action: Action, source: tuple[int, int, int]) -> Observation:
        """Rank for the shopper as of just before the action, make its examples, then fold it into the profile.

        source: topic number, partition, offset of the event: seeds the draw of rivals. The heads and the item
        table are not changed: `learn` and `absorb` do that with what comes back.
        """
        if profile.generation != self.items.generation:
            raise ValueError("the profile's indices are from before an eviction: load it again")
        if profile.remembers(action):
            return Observation(duplicate=True)
        item = self.items.add(action.item) if action.item else -1
        observation = Observation()
        if action.kind < INTERESTS and item >= 0:
            size = self._size(profile)
            step = Step(
                action.ts,
                action.kind,
                action.item,
                self._previous(profile, item, action.ts),
                bool(find(profile.history, size, item) >= 0),
            )
            labels = [self._label(task, action) for task in self.tasks]
            observation = (
                self._choice(profile, action, item, step, labels, source)
                if 1 in labels
                else Observation(step=step)
            )
        key = self.items.keys[max(item, 0)]
        profile.fold(action, item, key)
        return observation

    def _label(self, task: Task, action: Action) -> int:
        """1, 0, or −1 when the task does not look at this slot of the page."""
        if not task.covers(action.placement):
            return -1
        return int(task.label == action.kind)

    def _previous(self, profile: Profile, item: int, ts: int) -> tuple[tuple[str, int], ...]:
        names = self.items.vocabulary.names
        return tuple((names[other], at) for other, at in profile.before(item, ts, DAY_MS).tolist())

    def _choice(
        self,
        profile: Profile,
        action: Action,
        item: int,
        step: Step,
        labels: list[int],
        source: tuple[int, int, int],
    ) -> Observation:
        order, chosen, x, scores = self._scored(profile, action.ts, np.array([item], np.int32))
        task = labels.index(1)
        in_candidates = bool(self._pool[order[chosen]]["source"] > 0)
        rank, own_row = -1, -1
        if in_candidates:
            own_row = int(np.flatnonzero(order[:chosen] == order[chosen])[0])
            rank = int(np.count_nonzero(scores[:chosen, task] >= scores[chosen, task])) - 1
        others: dict[str, int] = {}
        predicted = None
        size, tables = self._size(profile), self._tables
        if self.settings.baselines == "cheap":
            others = baselines.cheap(profile.history, size, item, tables)
        elif self.settings.baselines == "all":
            others = baselines.all_of(
                profile.history, size, item, tables, x, order, chosen, chosen, in_candidates
            )
            predicted = self.heads.probabilities(scores, x, chosen)[:chosen].sum(axis=0)
        example = self._example(profile, action, order, chosen, own_row, x, labels, source)
        return Observation(
            examples=(example,), step=step, rank=rank, task=task, baselines=others, predicted=predicted
        )

    def _example(
        self,
        profile: Profile,
        action: Action,
        order: NDArray[np.int32],
        chosen: int,
        own_row: int,
        x: NDArray[np.float32],
        labels: list[int],
        source: tuple[int, int, int],
    ) -> Example:
        """Row 0 the target (row `chosen` of x), then rivals drawn from the candidates."""
        appeal = np.empty(chosen)
        blend(x[:chosen], appeal)
        appeal += LEAST_ODDS
        rivals = np.arange(chosen)
        if own_row >= 0:
            rivals = np.delete(rivals, own_row)
        drawn = draw(appeal[rivals], self.settings.rivals, uniform(*source), self._sampled, self._odds)
        rows = np.concatenate([[chosen], rivals[self._sampled[:drawn]]])
        names = np.empty((2, len(rows)), np.uint32)
        keys = self.items.categories.keys
        name_rows(self._pool["item"][order[rows]], self._tables, keys, names)
        past = np.zeros(min(self._size(profile), PAST_ITEMS), PAST)
        recall_past(profile.history, len(past), self._tables, keys, action.ts, past)
        marks = np.minimum(np.array(labels, np.int8), 0)[None].repeat(len(rows), axis=0)
        marks[0] = labels
        return Example(
            *source,
            action.ts,
            self.version,
            names[0].tobytes(),
            names[1].tobytes(),
            x[rows].astype("<f2").tobytes(),
            marks.tobytes(),
            np.concatenate([[np.float32(1)], self._odds[:drawn]]).astype("<f4").tobytes(),
            own_row >= 0,
            past.tobytes(),
        )

    def _scored(
        self, profile: Profile, now_ms: int, asked: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], int, NDArray[np.float32], NDArray[np.float32]]:
        """Pool indices of candidates then asked items, the number of candidates, features, scores."""
        self._fit()
        size = self._size(profile)
        hidden = np.array([item for _, item in profile.hidden], np.int32) if profile.hidden else _NONE
        scratch, tables, history = self._scratch, self._tables, profile.history
        chosen, listed, n, n_interests = gather(
            scratch, history, size, hidden, asked, self._order, tables, self._limits, now_ms
        )
        order, x, scores = self._order[:listed], self._x[:listed], self._scores[:listed]
        describe(x, scratch, order, listed, history, size, tables, self._limits, now_ms)
        forget(scratch, n, n_interests)
        if self.encoder:
            logits = self.encoder.logits(profile, now_ms, self._pool["item"][order], self.items)
            fill(x, logits, self._ones, chosen)
        self.heads.score(x, scores)
        return order, chosen, x, scores

    def _ranking(
        self,
        profile: Profile,
        links: NDArray[np.void],
        p: NDArray[np.float32],
        blended: NDArray[np.float32],
    ) -> Ranking:
        names, history = self.items.vocabulary.names, profile.history["item"]
        return Ranking(
            [names[i] for i in links["item"].tolist()],
            p,
            blended,
            [SOURCES[i] for i in links["source"].tolist()],
            [names[history[i]] if i >= 0 else "" for i in links["cause"].tolist()],
            self.version,
        )

    def _size(self, profile: Profile) -> int:
        return min(profile.size, self.settings.history)

    def _fit(self) -> None:
        """Follow the item table's arrays, which are replaced when they grow."""
        items = self.items
        items.fit()
        if getattr(self, "_fitted", None) == (id(items.stats), id(items.top)):
            return
        self._fitted = (id(items.stats), id(items.top))
        self._scratch = Scratch(
            self._pool,
            np.full(len(items.stats), -1, np.int32),
            self._interests,
            np.full(len(items.top), -1, np.int32),
        )
        self._tables = Tables(
            items.stats,
            items.rows,
            items.heat,
            items.keys,
            items.top,
            items.top_size,
            items.hottest,
            items.hottest_size,
        )


def _weighted(p: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Σ weight · p along tasks, one task after the other: the rounding does not depend on how many rows."""
    total = np.zeros(len(p), np.float32)
    for task, weight in enumerate(weights):
        total += weight * p[:, task]
    return total
