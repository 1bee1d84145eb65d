"""Examples as padded arrays, a tenth of their size: what training reads again and again."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from online_model.encoder.hashing import HALF
from online_model.example import CHOICE, PAST, PAST_ITEMS, WORD, Example
from online_model.item_facts import WORDS

Number = TypeVar("Number", bound=np.generic)


class Choices(NamedTuple):
    """n choices: a positive of one task, among r − 1 rivals at most, by a shopper with a past.

    About 1 kB a choice. Items are pairs (hashing.paired); a place not used has log odds +∞ or lies beyond `past`.
    """

    rows: NDArray[np.uint64]  # [n, r], the chosen item first
    log_odds: NDArray[np.float32]  # [n, r], log of a row's probability to be here; 0 for the chosen one
    task: NDArray[np.int64]  # [n]
    ranked: NDArray[np.bool_]  # [n], whether the chosen item was a candidate: the rivals are its rivals
    items: NDArray[np.uint64]  # [n, PAST_ITEMS], newest first
    kinds: NDArray[np.uint8]  # [n, PAST_ITEMS]
    ages: NDArray[np.float32]  # [n, PAST_ITEMS], seconds
    past: NDArray[np.int64]  # [n], used places of the three
    words: NDArray[np.uint64]  # [n, WORDS], searched for, newest first
    word_ages: NDArray[np.float32]  # [n, WORDS], seconds
    asked: NDArray[np.int64]  # [n], used places of the two


def collect(examples: Sequence[Example], tasks: int) -> Choices:
    """The choices in some examples, in order; those that were made for another number of tasks are left out."""
    examples = [
        e for e in examples if e.kind == CHOICE and e.odds and len(e.labels) * 4 == len(e.odds) * tasks
    ]
    odds, used = _padded([np.frombuffer(e.odds, "<f4") for e in examples], np.float32)
    items, _ = _padded([np.frombuffer(e.items, "<u4") for e in examples], np.uint64)
    categories, _ = _padded([np.frombuffer(e.categories, "<u4") for e in examples], np.uint64)
    labels = np.full((*odds.shape, tasks), -1, np.int8)
    labels[used] = np.frombuffer(b"".join(e.labels for e in examples), np.int8).reshape(-1, tasks)
    at, row, task = np.nonzero(labels == 1)
    n = np.arange(len(at))
    rows, log_odds = (items << HALF | categories)[at], np.log(np.maximum(odds, 1e-12))[at]
    log_odds[labels[at, :, task] != 0] = np.inf
    rows[n, row], rows[:, 0] = rows[:, 0].copy(), rows[n, row]
    log_odds[n, row], log_odds[:, 0] = log_odds[:, 0].copy(), 0
    return Choices(
        rows,
        log_odds,
        task,
        np.array([e.in_candidates for e in examples], np.bool_)[at],
        *_pasts(examples, at),
    )


def joined(parts: Sequence[Choices]) -> Choices:
    """Several as one, in order."""
    r = max(part.rows.shape[1] for part in parts)

    def wide(array: NDArray[Number], value: float) -> NDArray[Number]:
        return np.pad(array, [(0, 0), (0, r - array.shape[1])], constant_values=value)

    parts = [part._replace(rows=wide(part.rows, 0), log_odds=wide(part.log_odds, np.inf)) for part in parts]
    return Choices(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _padded(arrays: Sequence[NDArray[Any]], kind: type[Number]) -> tuple[NDArray[Number], NDArray[np.bool_]]:
    """Arrays of different lengths as rows of one; and which of its places are used."""
    lengths = np.array([len(array) for array in arrays], np.int64)
    used = np.arange(lengths.max(initial=1))[None] < lengths[:, None]
    out = np.zeros(used.shape, kind)
    if len(arrays):
        out[used] = np.concatenate(arrays)
    return out, used


def _pasts(
    examples: Sequence[Example], at: NDArray[np.int64]
) -> tuple[
    NDArray[np.uint64],
    NDArray[np.uint8],
    NDArray[np.float32],
    NDArray[np.int64],
    NDArray[np.uint64],
    NDArray[np.float32],
    NDArray[np.int64],
]:
    told = np.frombuffer(b"".join(e.history for e in examples), PAST)
    rows = np.repeat(np.arange(len(examples)), [len(e.history) // PAST.itemsize for e in examples])
    word = told["category"] == WORD
    past, length = _laid_out(told[~word], rows[~word], len(examples), PAST_ITEMS)
    words, asked = _laid_out(told[word], rows[word], len(examples), WORDS)
    past, words = past[at], words[at]
    return (
        _pairs(past),
        past["kind"].copy(),
        past["age_s"].copy(),
        length[at],
        _pairs(words),
        words["age_s"].copy(),
        asked[at],
    )


def _laid_out(
    told: NDArray[np.void], rows: NDArray[np.int64], n: int, places: int
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """PAST[n, places] of entries that belong to ascending rows; and how many each row has."""
    lengths = np.bincount(rows, minlength=n)
    out = np.zeros((n, places), PAST)
    out[np.arange(places)[None] < lengths[:, None]] = told
    return out, lengths


def _pairs(entries: NDArray[np.void]) -> NDArray[np.uint64]:
    pairs: NDArray[np.uint64] = entries["item"].astype(np.uint64) << HALF | entries["category"]
    return pairs
