"""Attention: the newest item asks, and what goes with it counts for more.

Luong et al., "Effective approaches to attention", EMNLP 2015 (the general score); the last item as the query as in
Li et al., "Neural attentive session-based recommendation", CIKM 2017.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.dot import dot
from online_model.encoder.past_kernels.pooling import by_kind_and_age, pool


class AttentionWeights(NamedTuple):
    """log w_sj = v₀ asks_s vⱼ / √d + kinds[s, kindⱼ] + ages[s, log₂(1 + ageⱼ)]; v₀ is the newest item's."""

    asks: NDArray[np.float32]  # [MEANS, d, d]
    kinds: NDArray[np.float32]  # [MEANS, KINDS]
    ages: NDArray[np.float32]  # [MEANS, AGES], between knots linear


@njit(cache=True, nogil=True)
def read_by_attention(
    vectors: NDArray[np.float32], past: NDArray[np.void], w: AttentionWeights, m: NDArray[np.float32]
) -> None:
    """m_s = Σⱼ w_sj vⱼ / Σⱼ w_sj."""
    n, d = vectors.shape
    logs, query = np.empty(n, np.float32), np.empty(d, np.float32)
    for s in range(len(m)):
        by_kind_and_age(past, w.kinds[s], w.ages[s], logs)
        if n > 0:
            query[:] = 0
            for i in range(d):
                for k in range(d):
                    query[k] += vectors[0, i] * w.asks[s, i, k]
        for j in range(n):
            logs[j] += dot(query, vectors[j]) / np.float32(np.sqrt(d))
        pool(vectors, logs, m[s])
