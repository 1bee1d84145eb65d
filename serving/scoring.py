"""Scores computed now, as the worker would compute them: the same core on profile, items and model from Redis."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from freshet.contract.keys import Keys
from freshet.settings import Settings
from online_model.explain import Explanation
from online_model.heads import Heads
from online_model.profile import Profile
from online_model.recommender import Recommender
from online_model.room import Encoder
from serving.kept import Kept
from serving.known_items import KnownItems
from serving.problem import Problem, retry_after
from serving.profiles import load_profile
from serving.reads import Reads
from serving.state import NO_ENCODER, ServedModel
from serving.trending import Trending

RETRY = retry_after(5)


class Fresh(NamedTuple):
    """Of each asked item, in the order asked. p: half-precision bytes, item after item, as a published list has them.

    cause: the item of the history behind it, or "". learned: examples the heads had seen. event_ts: of the
    shopper's newest event; None for a shopper nobody knows.
    """

    p: bytes
    sources: list[str]
    causes: list[str]
    encoder: str
    learned: int
    event_ts: int | None
    stale: bool


class Explained(NamedTuple):
    """An explanation, and the state of the model that it is of (see Fresh)."""

    told: Explanation
    encoder: str
    learned: int
    event_ts: int | None
    stale: bool


class Scorer:
    """score(user, items): one at a time, since a Recommender has one scratch space; a call takes about 1 ms."""

    def __init__(
        self, settings: Settings, reads: Reads, keys: Keys, model: Kept[ServedModel], trending: Trending
    ) -> None:
        self._settings, self._reads, self._keys = settings, reads, keys
        self._model, self._trending = model, trending
        self._lock = asyncio.Lock()
        self._served = ServedModel(NO_ENCODER, None)
        self._refused: ServedModel | None = None  # what Redis names, and cannot be loaded
        self._good = False  # whether there was ever a model that could
        self._begin()

    def _begin(self) -> None:
        tasks = [task.task() for task in self._settings.pair_tasks]
        self._core = Recommender(self._settings.model, tasks)
        self._known = KnownItems(self._reads, self._keys, self._core.items)
        self._serve(self._served)

    async def score(self, user_id: str | None, items: Sequence[str]) -> Fresh:
        """RedisAway when Redis is away. None: a shopper without a past."""
        async with self._lock:
            profile, event_ts, stale = await self._ready(user_id, items)
            ranking = self._core.score(profile, items, self._now_ms(event_ts))
            return Fresh(
                ranking.p.astype("<f2").tobytes(),
                ranking.source,
                ranking.cause,
                self._served.encoder,
                self._core.heads.learned,
                event_ts,
                stale,
            )

    async def explain(self, user_id: str, item: str) -> Explained:
        """Why `score` says of one item what it says. RedisAway when Redis is away."""
        async with self._lock:
            profile, event_ts, stale = await self._ready(user_id, [item])
            told = self._core.explain(profile, item, self._now_ms(event_ts))
            return Explained(told, self._served.encoder, self._core.heads.learned, event_ts, stale)

    async def vectors(self, items: Sequence[str]) -> NDArray[np.float32] | None:
        """The encoder's vectors of items, float32[n, dim]; None without an encoder."""
        async with self._lock:
            await self._ready(None, items)
            core, table = self._core, self._core.items
            if core.encoder is None:
                return None
            places = [table.vocabulary.find(item) for item in items]
            return core.encoder.item_vectors(np.array(places, np.int32), table)

    async def _ready(self, user_id: str | None, items: Sequence[str]) -> tuple[Profile, int | None, bool]:
        """Model and items as they are now; (profile, time of the newest event, stale)."""
        if self._core.items.full:
            self._begin()
        model = await self._model.get()
        if model.value not in (self._served, self._refused):
            self._serve(model.value)
        self._good = self._good or self._refused is None
        if not self._good and self._refused is not None:
            raise Problem(
                503, f"encoder {self._refused.encoder} cannot be loaded here; see refresh.models_dir", RETRY
            )
        profile, event_ts, stale = await self._profile(user_id)
        await self._bring(profile, items)
        return profile, event_ts, stale or model.stale

    def _now_ms(self, event_ts: int | None) -> int:
        """Time is event time."""
        return event_ts or int(self._core.items.stats["last_ts"].max())

    async def _profile(self, user_id: str | None) -> tuple[Profile, int | None, bool]:
        value = await self._reads.get(self._keys.profile(user_id)) if user_id else None
        if value is None:
            return self._core.profile(), None, False
        core = self._core
        loaded = load_profile(value.data, core.items.vocabulary, core.settings, self._reads.salvage)
        self._core.items.fit()
        if loaded is None:
            return core.profile(), None, value.stale
        profile, _ = loaded
        newest = profile.seen[0][0] if profile.seen else int(profile.history["last_ts"][0])
        return profile, newest, value.stale

    async def _bring(self, profile: Profile, items: Sequence[str]) -> None:
        """The history's and the asked items whole, then what they propose: neighbours, trends, and categories'."""
        table, model = self._core.items, self._settings.model
        history: list[int] = profile.history["item"][: profile.size].tolist()
        names = table.vocabulary.names
        await self._known.bring([*(names[place] for place in history), *items], whole=True)
        lists = {""} | {table.categories.names[c] for c in self._categories(history)[: model.categories]}
        tops = [name for category in lists for name, _ in (await self._trending.get(category)).value.items]
        await self._known.bring(tops, whole=True)
        neighbours = {
            place
            for item in history[: model.queries]
            for place in table.tables.rows["item"][item, : table.stats["neighbours"][item]].tolist()
        }
        await self._known.bring([names[place] for place in neighbours], whole=False)

    def _categories(self, history: list[int]) -> list[int]:
        """Of the history's items, newest first."""
        found: NDArray[np.int32] = self._core.items.stats["category"][history]
        return [category for category in dict.fromkeys(found.tolist()) if category >= 0]

    def _serve(self, model: ServedModel) -> None:
        """From now on this encoder with these heads; where they cannot be loaded, the last good ones."""
        core = self._core
        try:
            encoder = self._encoder(model.encoder)
            heads = Heads.load(model.heads, core.settings, core.tasks) if model.heads else core.heads
        except ValueError as error:
            self._refused = model
            self._reads.salvage.tell("encoder", model.encoder, str(error))
            return
        core.encoder, core.heads, self._served, self._refused = encoder, heads, model, None

    def _encoder(self, version: str) -> Encoder | None:
        """ValueError where its artifact is not whole."""
        if version == NO_ENCODER:
            return None
        if version == self._served.encoder and self._core.encoder is not None:
            return self._core.encoder
        from online_model.encoder.artifact import ArtifactError, load_artifact  # only where there is one

        try:
            return load_artifact(Path(self._settings.refresh.models_dir) / version).encoder
        except ArtifactError as error:
            raise ValueError(str(error)) from None
