"""A trained encoder as the worker and the API use it: plain arrays and compiled loops, no torch."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.choice import write_words
from online_model.encoder.described import NOTHING, Described, place_of_key
from online_model.encoder.dot import dot
from online_model.encoder.hashing import LOW, paired
from online_model.encoder.kernels import Hashes, item_vector, user_vectors
from online_model.encoder.past_kernels import READERS
from online_model.encoder.past_kernels.ages import place_of
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing_kernels import SHARERS
from online_model.encoder.weights import ItemWeights, TrunkWeights, Weights
from online_model.example import PAST, PAST_ITEMS, WORD, Example
from online_model.item_facts import WORDS, Facts
from online_model.item_table import ItemTable
from online_model.profile import Profile

_UNUSED = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


class Cache(NamedTuple):
    """Vectors of the items of one process, by local index."""

    of: NDArray[np.uint64]  # [capacity], the pair a vector was computed for, _UNUSED at first
    stamps: NDArray[np.uint32]  # [capacity], of the facts it was computed from
    vectors: NDArray[np.float32]  # [capacity, d]


class Names(NamedTuple):
    """What of an item table says who an item is (ItemTable.stats, .keys, .categories.keys, .facts)."""

    stats: NDArray[np.void]
    keys: NDArray[np.uint64]
    category_keys: NDArray[np.uint64]
    facts: Facts


@njit(cache=True)
def _pair(index: int, names: Names) -> np.uint64:
    """What a local index stands for, as examples write it (online_model.choice)."""
    category = names.stats[index].category
    category_key = names.category_keys[category] & LOW if category >= 0 else np.uint64(0)
    return paired(names.keys[index] & LOW, category_key)


@njit(cache=True)
def _cached(cache: Cache, index: int, names: Names, w: ItemWeights, hashes: Hashes) -> NDArray[np.float32]:
    """The vector of a local index; computed when the index stands for another item, or what is known of it changed."""
    pair, stamp = _pair(index, names), names.facts.stamps[index]
    if cache.of[index] != pair or cache.stamps[index] != stamp:
        item_vector(pair, names.facts, index, w, hashes, cache.vectors[index])
        cache.of[index], cache.stamps[index] = pair, stamp
    vector: NDArray[np.float32] = cache.vectors[index]
    return vector


@njit(cache=True, nogil=True)
def _gather(
    history: NDArray[np.void],
    past: NDArray[np.void],  # PAST[n], room for the newest n
    names: Names,
    now_ms: int,
    w: ItemWeights,
    hashes: Hashes,
    cache: Cache,
    vectors: NDArray[np.float32],
) -> None:
    """The newest n of a history into past[n] and vectors[n, d]."""
    for j in range(len(past)):
        entry = history[j]
        past[j].kind, past[j].age_s = entry.kind, max(now_ms - entry.last_ts, 0) / 1000.0
        vectors[j] = _cached(cache, entry.item, names, w, hashes)


@njit(cache=True, nogil=True)
def _read_words(
    asked: NDArray[np.void],  # PAST[w]
    ages: NDArray[np.float32],  # [AGES]
    known: Facts,
    w: ItemWeights,
    hashes: Hashes,
    m: NDArray[np.float32],
) -> None:
    """m[d] = Σⱼ exp(ages[log₂(1 + ageⱼ)]) v(wordⱼ), ages linear between knots: it fades, unlike a mean."""
    v = np.empty_like(m)
    m[:] = 0
    for j in range(len(asked)):
        place = place_of(asked[j].age_s)
        knot = int(place)
        log = ages[knot] + (place - np.float32(knot)) * (ages[knot + 1] - ages[knot])
        weight = np.float32(math.exp(log))
        item_vector(paired(asked[j].item, asked[j].category), known, -1, w, hashes, v)
        for i in range(len(m)):
            m[i] += weight * v[i]


@njit(cache=True, nogil=True)
def _logits(
    m: NDArray[np.float32],
    h: NDArray[np.float32],
    items: NDArray[np.int32],
    names: Names,
    item: ItemWeights,
    trunk: TrunkWeights,
    hashes: Hashes,
    cache: Cache,
    out: NDArray[np.float32],
) -> None:
    """out[len(items), T]."""
    u = np.empty(trunk.out_bias.shape, np.float32)
    user_vectors(m, h, trunk, u)
    for i in range(len(items)):
        v = _cached(cache, items[i], names, item, hashes)
        for t in range(len(u)):
            out[i, t] = dot(u[t], v)


@njit(cache=True, nogil=True)
def _vectors_of(
    items: NDArray[np.uint32],
    categories: NDArray[np.uint32],
    known: Described,
    w: ItemWeights,
    hashes: Hashes,
    vectors: NDArray[np.float32],
) -> None:
    """vectors[n, d] from keys alone."""
    for i in range(len(items)):
        at = place_of_key(known.keys, items[i])
        item_vector(paired(items[i], categories[i]), known.facts, at, w, hashes, vectors[i])


@njit(cache=True, nogil=True)
def _products(
    m: NDArray[np.float32],
    h: NDArray[np.float32],
    vectors: NDArray[np.float32],
    trunk: TrunkWeights,
    out: NDArray[np.float32],
) -> None:
    """out[n, T] of items with vectors[n, d]."""
    u = np.empty(trunk.out_bias.shape, np.float32)
    user_vectors(m, h, trunk, u)
    for i in range(len(vectors)):
        for t in range(len(u)):
            out[i, t] = dot(u[t], vectors[i])


class CompiledEncoder:
    """version: names it in every score. tasks: the columns of its logits, in order. known: the items described to it
    when it was trained, by which it sees examples; those of an item table bring their own descriptions.

    Not for two threads at once: it fills a cache of item vectors (4 · dim bytes an item of the table).
    """

    def __init__(
        self,
        version: str,
        tasks: tuple[str, ...],
        settings: EncoderSettings,
        weights: Weights,
        known: Described = NOTHING,
    ) -> None:
        self.version, self.tasks, self.settings, self.weights = version, tasks, settings, weights
        self.known = known
        self._hashes = Hashes(settings.id_hashes, settings.category_hashes)
        self._read, views = READERS[settings.user_tower].read, READERS[settings.user_tower].views
        self._share = SHARERS[settings.sharing].share
        self._h = np.zeros((len(tasks), settings.hidden), np.float32)
        self._past, self._asked = np.zeros(PAST_ITEMS, PAST), np.zeros(WORDS, PAST)
        self._m = np.zeros((views + 1, settings.dim), np.float32)  # the last: what was searched for
        self._vectors = np.zeros((PAST_ITEMS, settings.dim), np.float32)
        self._grow(0)

    def logits(
        self, profile: Profile, now_ms: int, items: NDArray[np.int32], table: ItemTable
    ) -> NDArray[np.float32]:
        """float32[n, tasks] of the items (local indices of `table`) for this shopper at this time."""
        if len(table.keys) > len(self._cache.of):
            self._grow(len(table.keys))
        size = min(profile.size, table.settings.history, PAST_ITEMS)
        past, vectors, w = self._past[:size], self._vectors[:size], self.weights
        names = Names(table.stats, table.keys, table.categories.keys, table.facts)
        _gather(profile.history, past, names, now_ms, w.item, self._hashes, self._cache, vectors)
        asked = self._asked[: write_words(self._asked, profile.asked(), now_ms)]
        self._take_in(vectors, past, asked)
        out = np.empty((len(items), len(self.tasks)), np.float32)
        _logits(self._m, self._h, items, names, w.item, w.trunk, self._hashes, self._cache, out)
        return out

    def logits_of(self, example: Example) -> NDArray[np.float32]:
        """The same for the rows of an example, from the keys that it carries."""
        told = np.frombuffer(example.history, PAST)
        size = len(told) - int((told["category"] == WORD).sum())
        past, asked = told[:size], told[size:]
        self._take_in(self.vectors_of(past["item"].copy(), past["category"].copy()), past, asked)
        rows = self.vectors_of(np.frombuffer(example.items, "<u4"), np.frombuffer(example.categories, "<u4"))
        out = np.empty((len(rows), len(self.tasks)), np.float32)
        _products(self._m, self._h, rows, self.weights.trunk, out)
        return out

    def _take_in(self, vectors: NDArray[np.float32], past: NDArray[np.void], asked: NDArray[np.void]) -> None:
        """What is read of a shopper, and what the tasks make of it, into _m and _h."""
        w = self.weights
        self._read(vectors, past, w.user, self._m[:-1])
        _read_words(asked, w.asked, self.known.facts, w.item, self._hashes, self._m[-1])
        self._share(self._m.ravel(), w.shared, self._h)

    def vectors_of(self, items: NDArray[np.uint32], categories: NDArray[np.uint32]) -> NDArray[np.float32]:
        """float32[n, dim] of items by their keys."""
        vectors = np.empty((len(items), self.settings.dim), np.float32)
        _vectors_of(items, categories, self.known, self.weights.item, self._hashes, vectors)
        return vectors

    def item_vectors(self, items: NDArray[np.int32], table: ItemTable) -> NDArray[np.float32]:
        """float32[n, dim] of items by their local indices in `table`."""
        categories = table.stats["category"][items]
        known = np.append(table.categories.keys & LOW, np.uint64(0))  # the last for what has no category
        keys = (table.keys[items] & LOW).astype(np.uint32)
        return self.vectors_of(keys, known[categories].astype(np.uint32))

    def _grow(self, capacity: int) -> None:
        """Start the cache anew: the table grows by doubling, so this is rare."""
        self._cache = Cache(
            np.full(capacity, _UNUSED, np.uint64),
            np.zeros(capacity, np.uint32),
            np.zeros((capacity, self.settings.dim), np.float32),
        )
