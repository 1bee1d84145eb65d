"""A trained encoder as the worker and the API use it: plain arrays and compiled loops, no torch."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.hashing import LOW, paired
from online_model.encoder.kernels import Hashes, Weights, dot, item_vector, user_vectors
from online_model.encoder.settings import EncoderSettings
from online_model.example import PAST, PAST_ITEMS, Example
from online_model.item_table import ItemTable
from online_model.profile import Profile

_UNUSED = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


class Cache(NamedTuple):
    """Vectors of the items of one process, by local index."""

    of: NDArray[np.uint64]  # [capacity], the pair a vector was computed for, _UNUSED at first
    vectors: NDArray[np.float32]  # [capacity, d]


class Names(NamedTuple):
    """What of an item table says who an item is (ItemTable.stats, .keys)."""

    stats: NDArray[np.void]
    keys: NDArray[np.uint64]


@njit(cache=True)
def _pair(index: int, names: Names, category_keys: NDArray[np.uint64]) -> np.uint64:
    """What a local index stands for, as examples write it (online_model.choice)."""
    category = names.stats[index].category
    return paired(names.keys[index] & LOW, category_keys[category] & LOW if category >= 0 else np.uint64(0))


@njit(cache=True)
def _cached(cache: Cache, index: int, pair: np.uint64, w: Weights, hashes: Hashes) -> NDArray[np.float32]:
    """The vector of a local index; computed when the index stands for another item, or the category changed."""
    if cache.of[index] != pair:
        item_vector(pair, w, hashes, cache.vectors[index])
        cache.of[index] = pair
    vector: NDArray[np.float32] = cache.vectors[index]
    return vector


@njit(cache=True, nogil=True)
def _logits(
    history: NDArray[np.void],
    past: NDArray[np.void],  # PAST[n], room for the newest n
    items: NDArray[np.int32],
    names: Names,
    category_keys: NDArray[np.uint64],
    now_ms: int,
    w: Weights,
    hashes: Hashes,
    cache: Cache,
    out: NDArray[np.float32],
) -> None:
    """out[len(items), T]."""
    vectors = np.empty((len(past), w.ids.shape[1]), np.float32)
    for j in range(len(past)):
        entry = history[j]
        past[j].kind, past[j].age_s = entry.kind, max(now_ms - entry.last_ts, 0) / 1000.0
        vectors[j] = _cached(cache, entry.item, _pair(entry.item, names, category_keys), w, hashes)
    u = np.empty(w.out_bias.shape, np.float32)
    user_vectors(vectors, past, w, u)
    for i in range(len(items)):
        v = _cached(cache, items[i], _pair(items[i], names, category_keys), w, hashes)
        for t in range(len(u)):
            out[i, t] = dot(u[t], v)


@njit(cache=True, nogil=True)
def _logits_of(
    items: NDArray[np.uint32],
    categories: NDArray[np.uint32],
    past: NDArray[np.void],
    w: Weights,
    hashes: Hashes,
    out: NDArray[np.float32],
) -> None:
    """out[len(items), T] from keys alone."""
    d = w.ids.shape[1]
    vectors = np.empty((len(past), d), np.float32)
    for j in range(len(past)):
        item_vector(paired(past[j].item, past[j].category), w, hashes, vectors[j])
    u = np.empty(w.out_bias.shape, np.float32)
    user_vectors(vectors, past, w, u)
    v = np.empty(d, np.float32)
    for i in range(len(items)):
        item_vector(paired(items[i], categories[i]), w, hashes, v)
        for t in range(len(u)):
            out[i, t] = dot(u[t], v)


class CompiledEncoder:
    """version: names it in every score. tasks: the columns of its logits, in order.

    Not for two threads at once: it fills a cache of item vectors (4 · dim bytes an item of the table).
    """

    def __init__(
        self, version: str, tasks: tuple[str, ...], settings: EncoderSettings, weights: Weights
    ) -> None:
        self.version, self.tasks, self.settings, self.weights = version, tasks, settings, weights
        self._hashes = Hashes(settings.id_hashes, settings.category_hashes)
        self._past = np.zeros(PAST_ITEMS, PAST)
        self._cache = Cache(np.zeros(0, np.uint64), np.zeros((0, settings.dim), np.float32))

    def logits(
        self, profile: Profile, now_ms: int, items: NDArray[np.int32], table: ItemTable
    ) -> NDArray[np.float32]:
        """float32[n, tasks] of the items (local indices of `table`) for this shopper at this time."""
        if len(table.keys) > len(self._cache.of):
            self._grow(len(table.keys))
        out = np.empty((len(items), len(self.tasks)), np.float32)
        size = min(profile.size, table.settings.history, PAST_ITEMS)
        names, category_keys = Names(table.stats, table.keys), table.categories.keys
        _logits(
            profile.history,
            self._past[:size],
            items,
            names,
            category_keys,
            now_ms,
            self.weights,
            self._hashes,
            self._cache,
            out,
        )
        return out

    def logits_of(self, example: Example) -> NDArray[np.float32]:
        """The same for the rows of an example, from the keys that it carries."""
        items = np.frombuffer(example.items, "<u4")
        categories, past = np.frombuffer(example.categories, "<u4"), np.frombuffer(example.history, PAST)
        out = np.empty((len(items), len(self.tasks)), np.float32)
        _logits_of(items, categories, past, self.weights, self._hashes, out)
        return out

    def _grow(self, capacity: int) -> None:
        """Start the cache anew: the table grows by doubling, so this is rare."""
        self._cache = Cache(
            np.full(capacity, _UNUSED, np.uint64), np.zeros((capacity, self.settings.dim), np.float32)
        )
