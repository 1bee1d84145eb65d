"""The encoder's arithmetic for one shopper, compiled: what towers.py computes, without torch.

    v(item)   = g Σₖ I[rowₖ(id)] + Σₖ C[rowₖ(category)]         g = minₖ gates[rowₖ(id)]
                + Σₖ W[row(wordₖ)] / √words + sketch P          (item_facts.py)
    v(word)   of a search: the same, of an item that has the word alone
    m         = what the user tower reads from the past (past_kernels/), and Σⱼ w(ageⱼ) v(wordⱼ) of what was searched
    h_t       = what tasks share, made of [m_1 … m_S] (sharing_kernels/)
    u_t       = out_bias_t + h_t out_t + Σ_s skip_ts ∘ m_s,       logit_t(item) = u_t · v(item)

A row's arithmetic never involves another row, so its value does not depend on the batch it is computed in.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.hashing import HALF, LOW, bucket
from online_model.encoder.weights import ItemWeights, TrunkWeights
from online_model.example import WORD
from online_model.item_facts import Facts


class Hashes(NamedTuple):
    """How many rows of its table an id and a category have."""

    ids: int
    categories: int


@njit(cache=True, nogil=True)
def item_vector(
    pair: np.uint64, facts: Facts, at: int, w: ItemWeights, hashes: Hashes, v: NDArray[np.float32]
) -> None:
    """v[d] of an item and category (hashing.paired), described by facts[at]; not at all where at is −1."""
    gate = np.float32(1)
    v[:] = 0
    for turn in range(hashes.ids):
        row = bucket(pair >> HALF, turn, len(w.ids))
        gate = min(gate, w.gates[row])
        for j in range(len(v)):
            v[j] += w.ids[row, j]
    for j in range(len(v)):
        v[j] *= gate
    for turn in range(hashes.categories):
        row = bucket(pair & LOW, turn, len(w.categories))
        for j in range(len(v)):
            v[j] += w.categories[row, j]
    if pair & LOW == WORD:  # searched for: described by itself
        row = bucket(pair >> HALF, 0, len(w.words))
        for j in range(len(v)):
            v[j] += w.words[row, j]
    if at < 0:
        return
    used = facts.used[at]
    for k in range(used):
        row = bucket(np.uint64(facts.tokens[at, k]), 0, len(w.words))
        for j in range(len(v)):
            v[j] += w.words[row, j] / np.float32(math.sqrt(used))
    if facts.sketched[at]:
        for k in range(len(w.sketch)):
            for j in range(len(v)):
                v[j] += facts.sketches[at, k] * w.sketch[k, j]


@njit(cache=True, nogil=True)
def user_vectors(
    m: NDArray[np.float32], h: NDArray[np.float32], w: TrunkWeights, u: NDArray[np.float32]
) -> None:
    """u[T, d] of a shopper of whom the user tower has read m[S, d], of which sharing made h[T, H]."""
    views, tasks, d = len(m), u.shape[0], u.shape[1]
    u[:] = w.out_bias
    for k in range(h.shape[1]):
        for t in range(tasks):
            for i in range(d):
                u[t, i] += h[t, k] * w.out[k, t, i]
    for t in range(tasks):
        for s in range(views):
            for i in range(d):
                u[t, i] += w.skip[t, s, i] * m[s, i]
