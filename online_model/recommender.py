"""The one core: the stream, the lookups and the evaluation all rank, observe and learn through this class."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from online_model.actions import Action, Description, Step
from online_model.candidates import SOURCES
from online_model.context import CONTEXT
from online_model.example import PARTS, Example
from online_model.explain import Cause, Explanation, Seen, TaskParts, parts_of
from online_model.floor import are_new, with_floor
from online_model.heads import Heads
from online_model.influence import CAPS, COUNTS, REPEATED, influence
from online_model.item_table import ItemTable
from online_model.kinds import INTERESTS, Kind
from online_model.pages import pass_time
from online_model.profile import Profile
from online_model.ranking import Observation, Ranking
from online_model.room import ASKED_MOST, Encoder, Model, Room
from online_model.settings import ModelSettings
from online_model.tasks import DEFAULT_TASKS, Task
from online_model.teaching import Teaching


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
        self._labels = {task.label for task in self.tasks if task.kind == "binary"}
        self._weights = np.array([task.weight for task in self.tasks], np.float32)
        self._room = Room(settings, self.tasks, self.items)
        self._teaching = Teaching(settings, self.tasks, self.items, self._room)

    @property
    def version(self) -> str:
        """Encoder and heads that the scores come from."""
        return self._model.version

    @property
    def _model(self) -> Model:
        return Model(self.heads, self.encoder)

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
        """The best k items (settings.publish by default) for this shopper now, new ones among them up to
        settings.new_floor. Changes nothing.
        """
        scored = self._room.scored(self._model, profile, now_ms)
        p = self._room.probabilities(self.heads, scored, profile, now_ms)
        blended = _weighted(p, self._weights)
        links = self._room.pool[scored.order]
        best, k = np.lexsort((self.items.keys[links["item"]], -blended)), k or self.settings.publish
        if self.settings.new_floor:
            new = are_new(self.items.stats["first_ts"][links["item"][best]], now_ms, self.settings.new_days)
            best = best[with_floor(new, self.settings.new_floor, k)]
        best = best[:k]
        return self._ranking(profile, links[best], p[best], blended[best])

    def score(self, profile: Profile, items: Sequence[str], now_ms: int) -> Ranking:
        """These items (at most 1,000), in this order, as they would score among the candidates. Changes nothing
        but that names not seen before get an index.
        """
        if len(items) > ASKED_MOST:
            raise ValueError(f"score takes at most {ASKED_MOST} items, got {len(items)}")
        asked = np.array([self.items.add(item) for item in items], np.int32)
        scored = self._room.scored(self._model, profile, now_ms, asked)
        p = self._room.probabilities(self.heads, scored, profile, now_ms)[scored.columns]
        links = self._room.pool[scored.order[scored.columns]]
        return self._ranking(profile, links, p, _weighted(p, self._weights))

    def explain(self, profile: Profile, item: str, now_ms: int) -> Explanation:
        """Why `score` says of this item what it says (explain.py). Changes as little as `score`."""
        asked, width = np.array([self.items.add(item)], np.int32), self._room.width
        scored = self._room.scored(self._model, profile, now_ms, asked)
        column = int(scored.columns[0])
        p = self._room.probabilities(self.heads, scored, profile, now_ms)[column]
        z = np.zeros((width + CONTEXT, 1), np.float32)
        z[:width, 0] = scored.x[:, column]
        self._room.fill_context(z, profile, asked, now_ms)
        seen = Seen(z[:, 0], scored.scores, column, scored.chosen)
        by_shown = self.heads.shown.rows >= self.settings.least_shown
        tasks = []
        for t, share in enumerate(p.tolist()):
            parts = parts_of(self.heads, self.tasks, t, seen, by_shown)
            tasks.append(TaskParts(share, sum(parts.values()), parts))
        link = self._room.pool[scored.order[column]]
        cause = None
        if link["cause"] >= 0:
            entry = profile.history[link["cause"]]
            name = self.items.vocabulary.names[entry["item"]]
            cause = Cause(name, int(entry["kind"]), int(entry["last_ts"]))
        return Explanation(item, SOURCES[link["source"]], cause, tasks)

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
        key = self.items.keys[max(item, 0)]
        told = pass_time(profile.pages, action.ts, self.tasks)
        if action.kind in self._labels:
            told += self._teaching.place(profile, action, key)
        seen = Observation()
        if action.kind < INTERESTS and item >= 0:
            seen = self._teaching.interest(self._model, profile, action, item, source)
            seen = self._within_bounds(seen, profile, action, item)
        elif action.kind == Kind.IMPRESSION and action.items:
            seen = self._teaching.impression(self._model, profile, action, source, told)
        profile.fold(action, item, key)
        if not told:
            return seen
        first = len(seen.examples)
        late = [one.page.example(source, part, one.labels, one.rows) for part, one in enumerate(told, first)]
        return msgspec.structs.replace(seen, examples=(*seen.examples, *late)[:PARTS])

    def _within_bounds(self, seen: Observation, profile: Profile, action: Action, item: int) -> Observation:
        """What is left of it where this account has had its share (influence.py). The profile is from before."""
        may = influence(
            profile.history,
            self._size(profile),
            item,
            int(action.kind),
            action.ts,
            self.settings.influence_ms,
        )
        if may == COUNTS:
            return seen
        examples = seen.examples if may == REPEATED else ()
        return msgspec.structs.replace(seen, examples=examples, step=None, capped=CAPS[may])

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
            links["item"].copy(),
        )

    def _size(self, profile: Profile) -> int:
        return min(profile.size, self.settings.history)


def _weighted(p: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Σ weight · p along tasks, one task after the other: the rounding does not depend on how many rows."""
    total = np.zeros(len(p), np.float32)
    for task, weight in enumerate(weights):
        total += weight * p[:, task]
    return total
