"""The one core: the stream, the lookups and the evaluation all rank, observe and learn through this class."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from online_model import baselines
from online_model.actions import Action, Description, Step
from online_model.candidates import SOURCES, Limits, Scratch
from online_model.candidates.pool import LINK
from online_model.choice import blank_pages, write, write_past
from online_model.context import CONTEXT, fill_context, placement_column
from online_model.encoder.replay import SeesExamples
from online_model.encoder_columns import fill, width
from online_model.example import PARTS, PAST_ITEMS, SHOWN, VALUE, WHOLE, Example
from online_model.explain import Cause, Explanation, Seen, TaskParts, parts_of
from online_model.half import from_half, to_half
from online_model.heads import Heads
from online_model.history import find
from online_model.interests import INTEREST
from online_model.item_table import ItemTable
from online_model.kinds import INTERESTS, Kind
from online_model.pages import FAST, LOW, Early, Page, Told, open_page, pass_time, place
from online_model.profile import Profile
from online_model.ranking import Observation, Ranking
from online_model.rivals import uniform
from online_model.settings import ModelSettings
from online_model.shortlist import shortlist
from online_model.tables import Tables
from online_model.tasks import DAY_MS, DEFAULT_TASKS, Task

_NONE = np.zeros(0, np.int32)
ASKED_MOST = 1000  # items of one `score` call


class Encoder(SeesExamples, Protocol):
    """A trained encoder in compiled form (online_model.encoder)."""

    def logits(
        self, profile: Profile, now_ms: int, items: NDArray[np.int32], table: ItemTable
    ) -> NDArray[np.float32]: ...

    def item_vectors(self, items: NDArray[np.int32], table: ItemTable) -> NDArray[np.float32]: ...


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
        low, high = next((task.range for task in self.tasks if task.kind == "regression"), (1.0, 5.0))
        self._stars = (low + high) / 2, (high - low) / 2
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
        self._within = np.zeros(settings.history, np.int32)
        self._order, self._columns = np.zeros(most, np.int32), np.zeros(ASKED_MOST, np.int32)
        self._width = width(len(self.tasks))
        self._room = np.zeros(most * (self._width + CONTEXT), np.float32)
        self._ones = np.ones(most, np.float32)
        self._scores = np.zeros(most * len(self.tasks), np.float32)
        self._pages = blank_pages(settings.rivals, self._width, PAST_ITEMS)
        self._one = np.zeros(1, np.int32)
        self._work_in(self.items.tables)

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
        p = self._probabilities(profile, now_ms, order, chosen, x, scores)
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
        columns = self._columns[: len(asked)]
        p = self._probabilities(profile, now_ms, order, chosen, x, scores)[columns]
        return self._ranking(profile, self._pool[order[columns]], p, _weighted(p, self._weights))

    def explain(self, profile: Profile, item: str, now_ms: int) -> Explanation:
        """Why `score` says of this item what it says (explain.py). Changes as little as `score`."""
        self._one[0] = self.items.add(item)
        order, chosen, x, scores = self._scored(profile, now_ms, self._one)
        column = int(self._columns[0])
        p = self._probabilities(profile, now_ms, order, chosen, x, scores)[column]
        z = np.zeros((self._width + CONTEXT, 1), np.float32)
        z[: self._width, 0] = x[:, column]
        placement = profile.pages[0].placement if profile.pages else ""
        self._fill_context(z, profile, self._one, now_ms, placement, paged=False)
        seen = Seen(z[:, 0], scores, column, chosen)
        by_shown = self.heads.shown_rows >= self.settings.least_shown
        tasks = []
        for t, share in enumerate(p.tolist()):
            parts = parts_of(self.heads, self.tasks, t, seen, by_shown)
            tasks.append(TaskParts(share, sum(parts.values()), parts))
        link = self._pool[order[column]]
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
            told += self._place(profile, action, key)
        seen = Observation()
        if action.kind < INTERESTS and item >= 0:
            seen = self._interest(profile, action, item, source)
        elif action.kind == Kind.IMPRESSION and action.items:
            seen = self._impression(profile, action, source, told)
        profile.fold(action, item, key)
        if not told:
            return seen
        first = len(seen.examples)
        late = [one.page.example(source, part, one.labels, one.rows) for part, one in enumerate(told, first)]
        return msgspec.structs.replace(seen, examples=(*seen.examples, *late)[:PARTS])

    def _place(self, profile: Profile, action: Action, key: np.uint64) -> list[Told]:
        """Label the page that the action belongs to; keep it for a while if that has not come yet."""
        told = place(profile.pages, action, key, self.tasks)
        if told is None and (action.request or profile.shown):
            early = Early(action.ts, int(key), int(action.kind), action.placement, action.request)
            profile.early = sorted([*profile.early, early], key=_newest_first)[: self.settings.early]
        return told or []

    def _interest(
        self, profile: Profile, action: Action, item: int, source: tuple[int, int, int]
    ) -> Observation:
        """A choice of the shopper's own: what it teaches about the item, and the example if it is a positive."""
        again = bool(find(profile.history, self._size(profile), item) >= 0)
        before = self._previous(profile, item, action.ts)
        step = Step(action.ts, action.kind, action.item, before, again, units=action.value)
        labels = [self._label(task, action) for task in self.tasks]
        if 1 not in labels:
            return Observation(step=step)
        seen = self._choice(profile, action, item, step, labels, source)
        if action.kind != Kind.RATING or not self.heads.values:
            return seen
        return msgspec.structs.replace(
            seen, examples=(*seen.examples, self._value(profile, action, item, seen))
        )

    def _value(self, profile: Profile, action: Action, item: int, seen: Observation) -> Example:
        """What the shopper said of the item, beside its features as they were before."""
        choice, tasks = seen.examples[0], len(self.tasks)
        n = len(choice.odds) // 4
        z = np.empty((self._width + CONTEXT, 1), np.float32)
        from_half(np.frombuffer(choice.features, "<u2")[::n], z[: self._width, 0])
        self._one[0] = item
        self._fill_context(z, profile, self._one, action.ts, action.placement, paged=False)
        halves = np.empty(z.size, np.uint16)
        to_half(z.ravel(), halves)
        label = np.full(tasks, -1, np.int8)
        for t in self.heads.values:
            low, high = self.tasks[t].range
            if self.tasks[t].covers(action.placement):
                label[t] = round(WHOLE * (min(max(action.value, low), high) - low) / (high - low))
        return msgspec.structs.replace(
            choice,
            items=choice.items[:4],
            categories=choice.categories[:4],
            features=halves.tobytes(),
            labels=label.tobytes(),
            odds=np.ones(1, "<f4").tobytes(),
            kind=VALUE,
            part=1,
            p=self.heads.shown_probabilities(z).astype("<f2").tobytes(),
        )

    def _impression(
        self, profile: Profile, action: Action, source: tuple[int, int, int], told: list[Told]
    ) -> Observation:
        """Keep the page open for its labels; tasks that do not wait count it as a miss for now."""
        asked = np.array([self.items.add(item) for item in action.items], np.int32)
        _, _, x, _ = self._scored(profile, action.ts, asked)
        z = np.empty((self._width + CONTEXT, len(asked)), np.float32)
        z[: self._width] = x[:, self._columns[: len(asked)]]
        self._fill_context(z, profile, asked, action.ts, action.placement, paged=True)
        halves = np.empty(z.size, np.uint16)
        to_half(z.ravel(), halves)
        p = self.heads.shown_probabilities(z)
        categories = self.items.stats["category"][asked]
        category_keys = np.where(categories >= 0, self.items.categories.keys[categories] & LOW, 0)
        keys = self.items.keys[asked]
        asks = [task.kind == "binary" and task.covers(action.placement) for task in self.tasks]
        now = [asking and task.look_ms == 0 for asking, task in zip(asks, self.tasks, strict=True)]
        page = Page(
            action.ts,
            source,
            action.placement,
            self.version,
            keys.astype("<u8").tobytes(),
            category_keys.astype("<u4").tobytes(),
            zlib.compress(halves.tobytes(), FAST),
            p.astype("<f2").tobytes(),
            _blank(asks, len(asked)).tobytes(),
            due=sum(1 << t for t, asking in enumerate(asks) if asking and not now[t]),
            open=sum(1 << t for t, task in enumerate(self.tasks) if asks[t] and task.delay == "es-dfm"),
            request=action.request,
        )
        past = min(self._size(profile), PAST_ITEMS)
        write_past(self._pages.past, profile.history, past, self._tables, action.ts)
        example = msgspec.structs.replace(
            page.example(source, 0, _blank(now, len(asked))),
            kind=SHOWN,
            history=self._pages.past[:past].tobytes(),
        )
        for early in reversed(profile.early):
            found = place([page], early, np.uint64(early.key), self.tasks)
            if found is not None:
                profile.early.remove(early)
                told += found
        told += open_page(profile.pages, page, self.settings.open_rows)
        step = Step(action.ts, action.kind, "", shown=action.items)
        return Observation(examples=(example,), step=step)

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
        self._one[0] = item
        order, chosen, x, scores = self._scored(profile, action.ts, self._one)
        task, size, column = labels.index(1), self._size(profile), int(self._columns[0])
        past = min(size, PAST_ITEMS)
        made = write(
            self._pages,
            self._pool,
            order,
            x,
            scores[task],
            chosen,
            column,
            profile.history,
            past,
            self._tables,
            action.ts,
            uniform(*source),
        )
        pages, n, rank = self._pages, made.rows, made.place
        example = Example(
            *source,
            action.ts,
            self.version,
            pages.items[:n].tobytes(),
            pages.categories[:n].tobytes(),
            pages.features[: n * self._width].tobytes(),
            _mark(labels) + _mark([min(label, 0) for label in labels]) * (n - 1),
            pages.odds[:n].tobytes(),
            rank >= 0,
            pages.past[:past].tobytes(),
        )
        others: dict[str, int] = {}
        predicted = None
        if self.settings.baselines == "cheap":
            others = baselines.cheap(made)
        elif self.settings.baselines == "all":
            others = baselines.all_of(made, size, x, chosen, column)
            predicted = self.heads.probabilities(scores, x, chosen)[:chosen].sum(axis=0)
        return Observation(
            examples=(example,), step=step, rank=rank, task=task, baselines=others, predicted=predicted
        )

    def _scored(
        self, profile: Profile, now_ms: int, asked: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], int, NDArray[np.float32], NDArray[np.float32]]:
        """Pool indices of candidates and of asked items that are none, the number of candidates, features, scores.
        Where each asked item stands is in self._columns.
        """
        self._fit()
        size = self._size(profile)
        hidden = np.array([item for _, item in profile.hidden], np.int32) if profile.hidden else _NONE
        chosen, listed = shortlist(
            self._scratch,
            profile.history,
            size,
            hidden,
            asked,
            self._order,
            self._columns,
            self._room,
            self._width,
            self._tables,
            self._limits,
            now_ms,
        )
        order, n_tasks = self._order[:listed], len(self.tasks)
        x = self._room[: self._width * listed].reshape(self._width, listed)
        scores = self._scores[: n_tasks * listed].reshape(n_tasks, listed)
        if self.encoder:
            logits = self.encoder.logits(profile, now_ms, self._pool["item"][order], self.items)
            fill(x, logits, self._ones, chosen)
        self.heads.score(x, scores)
        return order, chosen, x, scores

    def _probabilities(
        self,
        profile: Profile,
        now_ms: int,
        order: NDArray[np.int32],
        chosen: int,
        x: NDArray[np.float32],
        scores: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """p[listed, tasks]: by what happens to items that are shown, once enough were; until then by what is chosen."""
        few = self.heads.shown_rows < self.settings.least_shown
        if few and not self.heads.values:
            return self.heads.probabilities(scores, x, chosen)
        listed = x.shape[1]
        z = self._room[: (self._width + CONTEXT) * listed].reshape(
            self._width + CONTEXT, listed
        )  # x and below
        placement = profile.pages[0].placement if profile.pages else ""
        self._fill_context(z, profile, self._pool["item"][order], now_ms, placement, paged=False)
        p = self.heads.shown_probabilities(z)
        if few:
            shared = [t for t in range(len(self.tasks)) if t not in self.heads.values]
            p[:, shared] = self.heads.probabilities(scores, x, chosen)[:, shared]
        return p

    def _fill_context(
        self,
        z: NDArray[np.float32],
        profile: Profile,
        items: NDArray[np.int32],
        now_ms: int,
        placement: str,
        *,
        paged: bool,
    ) -> None:
        column = placement_column(placement)
        shopper = profile.shown, profile.clicked, profile.rated, profile.rating_cents
        fill_context(z[self._width :], items, paged, column, shopper, self._stars, self._tables, now_ms)

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
        if self._tables is not items.tables:
            self._work_in(items.tables)

    def _work_in(self, tables: Tables) -> None:
        self._tables = tables
        self._scratch = Scratch(
            self._pool,
            np.full(len(tables.stats), -1, np.int32),
            self._interests,
            np.full(len(tables.top), -1, np.int32),
            self._within,
        )


def _weighted(p: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Σ weight · p along tasks, one task after the other: the rounding does not depend on how many rows."""
    total = np.zeros(len(p), np.float32)
    for task, weight in enumerate(weights):
        total += weight * p[:, task]
    return total


def _newest_first(early: Early) -> tuple[int, int]:
    return -early.ts, early.key


def _mark(labels: list[int]) -> bytes:
    """One row of an example's labels, int8."""
    return bytes(label & 255 for label in labels)


def _blank(tasks: Sequence[bool], n: int) -> NDArray[np.int8]:
    """int8[n, tasks]: 0 for these tasks, −1 for the others."""
    return np.tile(np.array(tasks, np.int8) - np.int8(1), (n, 1))
