"""A shopper's candidates with their features and scores, worked out in one room that is used again and again."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from online_model.candidates import Limits, Scratch
from online_model.candidates.pool import LINK
from online_model.context import CONTEXT, fill_context, placement_column
from online_model.encoder.replay import SeesExamples
from online_model.encoder_columns import fill, width
from online_model.heads import Heads
from online_model.interests import INTEREST
from online_model.item_table import ItemTable
from online_model.profile import Profile
from online_model.settings import ModelSettings
from online_model.shortlist import shortlist
from online_model.tables import Tables
from online_model.tasks import Task

_NONE = np.zeros(0, np.int32)
ASKED_MOST = 1000  # items that may be asked for beside the candidates


class Encoder(SeesExamples, Protocol):
    """A trained encoder in compiled form (online_model.encoder)."""

    def logits(
        self, profile: Profile, now_ms: int, items: NDArray[np.int32], table: ItemTable
    ) -> NDArray[np.float32]: ...

    def item_vectors(self, items: NDArray[np.int32], table: ItemTable) -> NDArray[np.float32]: ...


class Model(NamedTuple):
    """What was learned: heads, and the encoder that they learned over, or None."""

    heads: Heads
    encoder: Encoder | None

    @property
    def version(self) -> str:
        """Encoder and heads that the scores come from."""
        return f"{self.encoder.version if self.encoder else '-'}/{self.heads.learned}"


class Scored(NamedTuple):
    """A shopper's list before it is put in order; views of the room, good until the next call.

    order: int[listed], places in Room.pool; the first `chosen` are the candidates, then come asked items that are none.
    x: float32[width, listed], features. scores: float32[tasks, listed], the ranker's. columns: where each asked item
    stands.
    """

    order: NDArray[np.int32]
    chosen: int
    x: NDArray[np.float32]
    scores: NDArray[np.float32]
    columns: NDArray[np.int32]


class Room:
    """pool: LINK[…], where candidates are gathered. width: features of a row. tables: those of the last call."""

    def __init__(self, settings: ModelSettings, tasks: tuple[Task, ...], items: ItemTable) -> None:
        self._settings, self._items, self._tasks = settings, items, len(tasks)
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
        self.width = width(len(tasks))
        self.pool = np.zeros(most, LINK)
        self._interests = np.zeros(settings.history, INTEREST)
        self._within = np.zeros(settings.history, np.int32)
        self._order, self._columns = np.zeros(most, np.int32), np.zeros(ASKED_MOST, np.int32)
        self._features = np.zeros(most * (self.width + CONTEXT), np.float32)
        self._ones = np.ones(most, np.float32)
        self._scores = np.zeros(most * len(tasks), np.float32)
        low, high = next((task.range for task in tasks if task.kind == "regression"), (1.0, 5.0))
        self._stars = (low + high) / 2, (high - low) / 2
        self._work_in(items.tables)

    def scored(self, model: Model, profile: Profile, now_ms: int, asked: NDArray[np.int32] = _NONE) -> Scored:
        """Candidates and asked items of a shopper as of now."""
        self._items.fit()
        if self.tables is not self._items.tables:
            self._work_in(self._items.tables)
        hidden = np.array([item for _, item in profile.hidden], np.int32) if profile.hidden else _NONE
        chosen, listed = shortlist(
            self._scratch,
            profile.history,
            min(profile.size, self._settings.history),
            hidden,
            asked,
            self._order,
            self._columns,
            self._features,
            self.width,
            self.tables,
            self._limits,
            now_ms,
        )
        order = self._order[:listed]
        x = self._features[: self.width * listed].reshape(self.width, listed)
        scores = self._scores[: self._tasks * listed].reshape(self._tasks, listed)
        if model.encoder:
            logits = model.encoder.logits(profile, now_ms, self.pool["item"][order], self._items)
            fill(x, logits, self._ones, 0, chosen)
        model.heads.score(x, scores)
        return Scored(order, chosen, x, scores, self._columns[: len(asked)])

    def probabilities(
        self, heads: Heads, scored: Scored, profile: Profile, now_ms: int
    ) -> NDArray[np.float32]:
        """p[listed, tasks]: by what happens to items that are shown, once enough were; until then by what is chosen."""
        _, chosen, x, scores, _ = scored
        few = heads.shown.rows < self._settings.least_shown
        if few and not heads.values:
            return heads.probabilities(scores, x, chosen)
        rows, listed = self.width + CONTEXT, x.shape[1]
        z = self._features[: rows * listed].reshape(rows, listed)  # x, and the rows after it
        self.fill_context(z, profile, self.pool["item"][scored.order], now_ms)
        p = heads.shown_probabilities(z)
        if few:
            shared = [t for t in range(self._tasks) if t not in heads.values]
            p[:, shared] = heads.probabilities(scores, x, chosen)[:, shared]
        return p

    def fill_context(
        self,
        z: NDArray[np.float32],
        profile: Profile,
        items: NDArray[np.int32],
        now_ms: int,
        page: str | None = None,
    ) -> None:
        """The rows of z[width + CONTEXT, n] after the features. page: its placement, when the items are a page in its
        order; otherwise each stands as if it were the first where the shopper is.
        """
        here = profile.pages[0].placement if profile.pages else ""
        column = placement_column(here if page is None else page)
        shopper = profile.shown, profile.clicked, profile.rated, profile.rating_cents
        context = z[self.width :]
        fill_context(context, items, page is not None, column, shopper, self._stars, self.tables, now_ms)

    def _work_in(self, tables: Tables) -> None:
        """Follow the item table's arrays, which are replaced when they grow."""
        self.tables = tables
        self._scratch = Scratch(
            self.pool,
            np.full(len(tables.stats), -1, np.int32),
            self._interests,
            np.full(len(tables.top), -1, np.int32),
            self._within,
        )
