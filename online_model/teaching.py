"""What one action teaches, as examples: a choice among the candidates, a page that was shown, a value given."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from online_model import baselines
from online_model.actions import Action, Step
from online_model.choice import blank_pages, write, write_past
from online_model.context import CONTEXT
from online_model.example import PAST_ITEMS, SHOWN, VALUE, WHOLE, Example
from online_model.half import from_half, halves_of
from online_model.history import find
from online_model.item_table import ItemTable
from online_model.kinds import Kind
from online_model.pages import LOW, Early, Page, Told, open_page, packed, place
from online_model.profile import Profile
from online_model.ranking import Observation
from online_model.rivals import uniform
from online_model.room import Model, Room
from online_model.settings import ModelSettings
from online_model.tasks import DAY_MS, Task


class Teaching:
    """Makes examples as of just before an action. source: topic number, partition, offset of its event."""

    def __init__(
        self, settings: ModelSettings, tasks: tuple[Task, ...], items: ItemTable, room: Room
    ) -> None:
        self._settings, self._tasks, self._items, self._room = settings, tasks, items, room
        self._width = room.width
        self._pages = blank_pages(settings.rivals, self._width, PAST_ITEMS)
        self._one = np.zeros(1, np.int32)

    def place(self, profile: Profile, action: Action, key: np.uint64) -> list[Told]:
        """Label the page that the action belongs to; keep it for a while if that has not come yet."""
        told = place(profile.pages, action, key, self._tasks)
        if told is None and (action.request or profile.shown):
            early = Early(action.ts, int(key), int(action.kind), action.placement, action.request)
            profile.early = sorted([*profile.early, early], key=_newest_first)[: self._settings.early]
        return told or []

    def interest(
        self, model: Model, profile: Profile, action: Action, item: int, source: tuple[int, int, int]
    ) -> Observation:
        """A choice of the shopper's own: what it teaches about the item, and the example if it is a positive."""
        again = bool(find(profile.history, self._size(profile), item) >= 0)
        before = self._previous(profile, item, action.ts)
        step = Step(action.ts, action.kind, action.item, before, again, units=action.value)
        labels = [self._label(task, action) for task in self._tasks]
        if 1 not in labels:
            return Observation(step=step)
        seen = self._choice(model, profile, action, item, step, labels, source)
        if action.kind != Kind.RATING or not model.heads.values:
            return seen
        return msgspec.structs.replace(
            seen, examples=(*seen.examples, self._value(model, profile, action, item, seen))
        )

    def _value(self, model: Model, profile: Profile, action: Action, item: int, seen: Observation) -> Example:
        """What the shopper said of the item, beside its features as they were before."""
        choice, tasks = seen.examples[0], len(self._tasks)
        n = len(choice.odds) // 4
        z = np.empty((self._width + CONTEXT, 1), np.float32)
        from_half(np.frombuffer(choice.features, "<u2")[::n], z[: self._width, 0])
        self._one[0] = item
        self._room.fill_context(z, profile, self._one, action.ts)
        label = np.full(tasks, -1, np.int8)
        for t in model.heads.values:
            low, high = self._tasks[t].range
            if self._tasks[t].covers(action.placement):
                label[t] = round(WHOLE * (min(max(action.value, low), high) - low) / (high - low))
        return msgspec.structs.replace(
            choice,
            items=choice.items[:4],
            categories=choice.categories[:4],
            features=halves_of(z),
            labels=label.tobytes(),
            odds=np.ones(1, "<f4").tobytes(),
            kind=VALUE,
            part=1,
            p=model.heads.shown_probabilities(z).astype("<f2").tobytes(),
        )

    def impression(
        self,
        model: Model,
        profile: Profile,
        action: Action,
        source: tuple[int, int, int],
        told: list[Told],
    ) -> Observation:
        """Keep the page open for its labels; tasks that do not wait count it as a miss for now."""
        asked = np.array([self._items.add(item) for item in action.items], np.int32)
        scored = self._room.scored(model, profile, action.ts, asked)
        z = np.empty((self._width + CONTEXT, len(asked)), np.float32)
        z[: self._width] = scored.x[:, scored.columns]
        self._room.fill_context(z, profile, asked, action.ts, page=action.placement)
        p = model.heads.shown_probabilities(z)
        categories = self._items.stats["category"][asked]
        category_keys = np.where(categories >= 0, self._items.categories.keys[categories] & LOW, 0)
        keys = self._items.keys[asked]
        asks = [task.kind == "binary" and task.covers(action.placement) for task in self._tasks]
        now = [asking and task.look_ms == 0 for asking, task in zip(asks, self._tasks, strict=True)]
        page = Page(
            action.ts,
            source,
            action.placement,
            model.version,
            keys.astype("<u8").tobytes(),
            category_keys.astype("<u4").tobytes(),
            packed(halves_of(z)),
            p.astype("<f2").tobytes(),
            _blank(asks, len(asked)).tobytes(),
            due=sum(1 << t for t, asking in enumerate(asks) if asking and not now[t]),
            open=sum(1 << t for t, task in enumerate(self._tasks) if asks[t] and task.delay == "es-dfm"),
            request=action.request,
        )
        past = min(self._size(profile), PAST_ITEMS)
        past = write_past(
            self._pages.past, profile.history, past, profile.asked(), self._room.tables, action.ts
        )
        example = msgspec.structs.replace(
            page.example(source, 0, _blank(now, len(asked))),
            kind=SHOWN,
            history=self._pages.past[:past].tobytes(),
        )
        for early in reversed(profile.early):
            found = place([page], early, np.uint64(early.key), self._tasks)
            if found is not None:
                profile.early.remove(early)
                told += found
        told += open_page(profile.pages, page, self._settings.open_rows)
        step = Step(action.ts, action.kind, "", shown=action.items)
        return Observation(examples=(example,), step=step)

    def _label(self, task: Task, action: Action) -> int:
        """1, 0, or −1 when the task does not look at this slot of the page."""
        if not task.covers(action.placement):
            return -1
        return int(task.label == action.kind)

    def _previous(self, profile: Profile, item: int, ts: int) -> tuple[tuple[str, int], ...]:
        names = self._items.vocabulary.names
        return tuple((names[other], at) for other, at in profile.before(item, ts, DAY_MS).tolist())

    def _choice(
        self,
        model: Model,
        profile: Profile,
        action: Action,
        item: int,
        step: Step,
        labels: list[int],
        source: tuple[int, int, int],
    ) -> Observation:
        self._one[0] = item
        order, chosen, x, scores, columns = self._room.scored(model, profile, action.ts, self._one)
        task, size, column = labels.index(1), self._size(profile), int(columns[0])
        made = write(
            self._pages,
            self._room.pool,
            order,
            x,
            scores[task],
            chosen,
            column,
            profile.history,
            min(size, PAST_ITEMS),
            profile.asked(),
            self._room.tables,
            action.ts,
            uniform(*source),
        )
        pages, n, rank = self._pages, made.rows, made.place
        example = Example(
            *source,
            action.ts,
            model.version,
            pages.items[:n].tobytes(),
            pages.categories[:n].tobytes(),
            pages.features[: n * self._width].tobytes(),
            _mark(labels) + _mark([min(label, 0) for label in labels]) * (n - 1),
            pages.odds[:n].tobytes(),
            rank >= 0,
            pages.past[: made.past].tobytes(),
        )
        others: dict[str, int] = {}
        predicted = None
        if self._settings.baselines == "cheap":
            others = baselines.cheap(made)
        elif self._settings.baselines == "all":
            others = baselines.all_of(made, size, x, chosen, column)
            predicted = model.heads.probabilities(scores, x, chosen)[:chosen].sum(axis=0)
        return Observation(
            examples=(example,), step=step, rank=rank, task=task, baselines=others, predicted=predicted
        )

    def _size(self, profile: Profile) -> int:
        return min(profile.size, self._settings.history)


def _newest_first(early: Early) -> tuple[int, int]:
    return -early.ts, early.key


def _mark(labels: list[int]) -> bytes:
    """One row of an example's labels, int8."""
    return bytes(label & 255 for label in labels)


def _blank(tasks: Sequence[bool], n: int) -> NDArray[np.int8]:
    """int8[n, tasks]: 0 for these tasks, −1 for the others."""
    return np.tile(np.array(tasks, np.int8) - np.int8(1), (n, 1))
