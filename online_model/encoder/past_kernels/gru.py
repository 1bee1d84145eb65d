"""Gated recurrent unit: Cho et al., EMNLP 2014; for sessions: Hidasi et al., "GRU4Rec", ICLR 2016."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.past_kernels.steps import affine, sigmoid, taken_in


class GruWeights(NamedTuple):
    """The last four as torch.nn.GRU names and orders them: reset, update, new."""

    kinds: NDArray[np.float32]  # [KINDS, d]
    gaps: NDArray[np.float32]  # [AGES, d], between knots linear
    weight_ih_l0: NDArray[np.float32]  # [3 d, d]
    weight_hh_l0: NDArray[np.float32]  # [3 d, d]
    bias_ih_l0: NDArray[np.float32]  # [3 d]
    bias_hh_l0: NDArray[np.float32]  # [3 d]


@njit(cache=True, nogil=True)
def read_by_gru(
    vectors: NDArray[np.float32], past: NDArray[np.void], w: GruWeights, m: NDArray[np.float32]
) -> None:
    """m_0 = h after the newest event: r, z = σ(…), n = tanh(W x + r ∘ U h), h ← (1 − z) ∘ n + z ∘ h."""
    d = vectors.shape[1]
    x, h = np.empty(d, np.float32), m[0]
    given, held = np.empty(3 * d, np.float32), np.empty(3 * d, np.float32)
    h[:] = 0
    for j in range(len(past) - 1, -1, -1):
        taken_in(vectors, past, j, w.kinds, w.gaps, x)
        affine(w.weight_ih_l0, w.bias_ih_l0, x, given)
        affine(w.weight_hh_l0, w.bias_hh_l0, h, held)
        for i in range(d):
            reset = sigmoid(given[i] + held[i])
            update = sigmoid(given[d + i] + held[d + i])
            new = np.float32(math.tanh(given[2 * d + i] + reset * held[2 * d + i]))
            h[i] = (np.float32(1) - update) * new + update * h[i]
