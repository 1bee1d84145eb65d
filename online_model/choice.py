"""One choice written down: the target's place, and the rows of its example, in one compiled call."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.example import PAST, WORD
from online_model.half import to_half
from online_model.hand_blend import blend_of
from online_model.item_facts import WORDS
from online_model.kinds import Kind
from online_model.rivals import draw
from online_model.tables import Tables

LEAST_APPEAL = 0.02  # added to the hand blend when rivals are drawn: nobody is out of reach
SEARCHED = int(Kind.SEARCH)
_LOW = np.uint64(0xFFFFFFFF)


class Pages(NamedTuple):
    """What `write` fills, for at most n = rivals + 1 rows."""

    items: NDArray[np.uint32]  # [n], low halves of stable keys
    categories: NDArray[np.uint32]
    features: NDArray[np.uint16]  # [width · n], halves
    odds: NDArray[np.float32]  # [n]
    past: NDArray[np.void]  # PAST[PAST_ITEMS + WORDS]


def blank_pages(rivals: int, width: int, past: int) -> Pages:
    """Room for an example of that size."""
    n = rivals + 1
    return Pages(
        np.zeros(n, np.uint32),
        np.zeros(n, np.uint32),
        np.zeros(n * width, np.uint16),
        np.ones(n, np.float32),
        np.zeros(past + WORDS, PAST),
    )


class Choice(NamedTuple):
    """rows: in the example. place: the target's among the candidates, 0 the best, ties against it, −1 if it is not
    one. own, popular: its places in the history and in the trending list, or −1. past: entries of PAST.
    """

    rows: int
    place: int
    own: int
    popular: int
    past: int


@njit(cache=True)
def _category_key(category: int, keys: NDArray[np.uint64]) -> np.uint64:
    return keys[category] & _LOW if category >= 0 else np.uint64(0)


@njit(cache=True, nogil=True)
def write_past(
    out: NDArray[np.void],
    history: NDArray[np.void],
    past: int,
    words: NDArray[np.int64],
    tables: Tables,
    now_ms: int,
) -> int:
    """The newest `past` entries of a history into PAST, then the words (ts, word) of words[w, 2]; how many in all."""
    for i in range(past):
        entry = history[i]
        out[i].item = entry.key & _LOW
        out[i].category = _category_key(tables.stats[entry.item].category, tables.category_keys)
        out[i].kind = entry.kind
        out[i].age_s = max(now_ms - entry.last_ts, 0) / 1000.0
    return past + write_words(out[past:], words, now_ms)


@njit(cache=True, nogil=True)
def write_words(out: NDArray[np.void], words: NDArray[np.int64], now_ms: int) -> int:
    """How many."""
    for i in range(len(words)):
        out[i].item, out[i].category, out[i].kind = words[i, 1], WORD, SEARCHED
        out[i].age_s = max(now_ms - words[i, 0], 0) / 1000.0
    return len(words)


@njit(cache=True, nogil=True)
def write(
    pages: Pages,
    pool: NDArray[np.void],
    order: NDArray[np.int32],
    x: NDArray[np.float32],
    scores: NDArray[np.float32],  # [listed], of the target's task
    chosen: int,  # number of candidates
    column: int,  # the target's
    history: NDArray[np.void],
    past: int,
    words: NDArray[np.int64],
    tables: Tables,
    now_ms: int,
    u: float,
) -> Choice:
    """The rows into `pages`, the places as the result."""
    target = order[column]
    place = -1
    if pool[target].source > 0:
        for i in range(chosen):
            place += scores[i] >= scores[column]
    appeal, rows = np.empty(chosen, np.float64), np.empty(chosen + 1, np.int32)
    n = 0
    for i in range(chosen):
        if i != column:
            rows[n] = i
            appeal[n] = LEAST_APPEAL + blend_of(x, i)
            n += 1
    drawn = np.empty(len(pages.odds) - 1, np.int32)
    taken = 1 + draw(appeal[:n], len(drawn), u, drawn, pages.odds[1:])
    features = np.empty((len(x), taken), np.float32)
    for k in range(taken):
        row = column if k == 0 else rows[drawn[k - 1]]
        item = pool[order[row]].item
        pages.items[k] = tables.keys[item] & _LOW
        pages.categories[k] = _category_key(tables.stats[item].category, tables.category_keys)
        for f in range(len(x)):
            features[f, k] = x[f, row]
    to_half(features.ravel(), pages.features)
    past = write_past(pages.past, history, past, words, tables, now_ms)
    popular = -1
    for i in range(tables.hottest_size[0]):
        if tables.hottest[i] == pool[target].item:
            popular = i
    return Choice(taken, place, pool[target].own, popular, past)
