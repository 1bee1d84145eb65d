"""The encoder's arithmetic for one shopper, compiled: what towers.py computes, without torch.

    v(item)   = g Σₖ I[rowₖ(id)] + Σₖ C[rowₖ(category)],        g = minₖ gates[rowₖ(id)]
    m_s       = Σⱼ w_sj v(pastⱼ) / Σⱼ w_sj,                     log w_sj = kinds[s, kindⱼ] + ages[s, log₂(1 + ageⱼ)]
    h         = max(0, bias + [m_1 … m_S] into)
    u_t       = out_bias_t + h out_t + Σ_s skip_ts ∘ m_s,       logit_t(item) = u_t · v(item)

A row's arithmetic never involves another row, so its value does not depend on the batch it is computed in.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.hashing import HALF, LOW, bucket

KINDS = 8  # more than online_model.kinds has
AGES = 26  # knots at log₂(1 + seconds) = 0, 1 … 25: the last one is a year


class Weights(NamedTuple):
    """An encoder as plain arrays. d: dim, S: means, H: hidden, T: tasks."""

    ids: NDArray[np.float32]  # [id_buckets, d]
    gates: NDArray[np.float32]  # [id_buckets], how far an id's own vector is believed, 0 … 1
    categories: NDArray[np.float32]  # [category_buckets, d]
    kinds: NDArray[np.float32]  # [S, KINDS]
    ages: NDArray[np.float32]  # [S, AGES], between knots linear
    into: NDArray[np.float32]  # [S d, H]
    bias: NDArray[np.float32]  # [H]
    out: NDArray[np.float32]  # [H, T, d]
    out_bias: NDArray[np.float32]  # [T, d]
    skip: NDArray[np.float32]  # [T, S, d]


class Hashes(NamedTuple):
    """How many rows of its table an id and a category have."""

    ids: int
    categories: int


@njit(cache=True, nogil=True)
def item_vector(pair: np.uint64, w: Weights, hashes: Hashes, v: NDArray[np.float32]) -> None:
    """v[d] of an item and category (hashing.paired)."""
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


@njit(cache=True, nogil=True)
def _means(vectors: NDArray[np.float32], past: NDArray[np.void], w: Weights, m: NDArray[np.float32]) -> None:
    """m[S, d] from vectors[n, d] of past, PAST[n]; zero when there is no past."""
    n = len(past)
    m[:] = 0
    logs = np.empty(n, np.float32)
    for s in range(len(m)):
        high = np.float32(-np.inf)
        for j in range(n):
            place = min(np.float32(math.log1p(past[j].age_s) / math.log(2.0)), np.float32(AGES - 1.001))
            knot = int(place)
            part = place - np.float32(knot)
            logs[j] = w.ages[s, knot] + part * (w.ages[s, knot + 1] - w.ages[s, knot])
            logs[j] += w.kinds[s, min(past[j].kind, KINDS - 1)]
            high = max(high, logs[j])
        total = np.float32(0)
        for j in range(n):
            weight = np.float32(math.exp(logs[j] - high))
            total += weight
            for i in range(m.shape[1]):
                m[s, i] += weight * vectors[j, i]
        if n > 0:
            for i in range(m.shape[1]):
                m[s, i] /= total


@njit(cache=True, nogil=True)
def user_vectors(
    vectors: NDArray[np.float32], past: NDArray[np.void], w: Weights, u: NDArray[np.float32]
) -> None:
    """u[T, d] of a shopper with this past, PAST[n], whose items have vectors[n, d]."""
    means, tasks, d = len(w.kinds), u.shape[0], u.shape[1]
    m = np.empty((means, d), np.float32)
    _means(vectors, past, w, m)
    h = w.bias.copy()
    for s in range(means):
        for i in range(d):
            for k in range(len(h)):
                h[k] += m[s, i] * w.into[s * d + i, k]
    u[:] = w.out_bias
    for k in range(len(h)):
        if h[k] > 0:
            for t in range(tasks):
                for i in range(d):
                    u[t, i] += h[k] * w.out[k, t, i]
    for t in range(tasks):
        for s in range(means):
            for i in range(d):
                u[t, i] += w.skip[t, s, i] * m[s, i]


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def dot(a: NDArray[np.float32], b: NDArray[np.float32]) -> np.float32:
    """a · b. The order of the sum is the compiler's, but the same for every pair of this length."""
    total = np.float32(0)
    for i in range(len(a)):
        total += a[i] * b[i]
    return total
