"""Items as the item tower reads them: the rows of its tables that are theirs."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from online_model.encoder.described import Described
from online_model.encoder.hashing import HALF, LOW, rows_of
from online_model.encoder.settings import EncoderSettings
from online_model.example import WORD
from online_model.item_facts import SKETCH


class Items(NamedTuple):
    """Of n items."""

    id_rows: Tensor  # i64[n, hashes]
    category_rows: Tensor  # i64[n, hashes]
    word_rows: Tensor  # i64[n, words], as many as the item with most of them has
    word_weights: Tensor  # f32[n, words], 1/√words of the item, 0 in places not used
    sketches: Tensor  # f32[n, SKETCH]

    def only(self, which: Tensor) -> "Items":
        """Those of these numbers, i64[m]."""
        return Items(*(tensor[which] for tensor in self))


def items_of(pairs: NDArray[np.uint64], known: Described, settings: EncoderSettings) -> Items:
    """Of pairs of item and category (hashing.paired)."""
    keys, n = (pairs >> HALF).astype(np.uint32), len(pairs)
    place = np.searchsorted(known.keys, keys)
    told = np.flatnonzero(np.append(known.keys, 0)[place] == keys)
    told = told[place[told] < len(known.keys)]
    at = place[told]
    used = known.facts.used[at][:, None]
    words = int(used.max(initial=1))
    tokens, weights = np.zeros((n, words), np.uint64), np.zeros((n, words), np.float32)
    sketches = np.zeros((n, SKETCH), np.float32)
    tokens[told], sketches[told] = known.facts.tokens[at, :words], known.facts.sketches[at]
    asked = np.flatnonzero((pairs & LOW) == WORD)  # words searched for: each describes itself
    weights[told] = np.where(np.arange(words)[None] < used, 1 / np.sqrt(np.maximum(used, 1)), 0)
    tokens[asked, 0], weights[asked, 0] = pairs[asked] >> HALF, 1.0
    word_rows = rows_of(tokens.ravel(), 1, settings.word_buckets).reshape(n, words)
    arrays = (
        rows_of(pairs >> HALF, settings.id_hashes, settings.id_buckets),
        rows_of(pairs & LOW, settings.category_hashes, settings.category_buckets),
        word_rows,
        weights,
        sketches,
    )
    return Items(*map(torch.from_numpy, arrays))
