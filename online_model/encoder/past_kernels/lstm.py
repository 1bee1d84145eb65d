"""Long short-term memory: Hochreiter & Schmidhuber, Neural Computation 1997, with the forget gate of Gers et al."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.past_kernels.steps import affine, sigmoid, taken_in


class LstmWeights(NamedTuple):
    """The last four as torch.nn.LSTM names and orders them: input, forget, cell, output."""

    kinds: NDArray[np.float32]  # [KINDS, d]
    gaps: NDArray[np.float32]  # [AGES, d], between knots linear
    weight_ih_l0: NDArray[np.float32]  # [4 d, d]
    weight_hh_l0: NDArray[np.float32]  # [4 d, d]
    bias_ih_l0: NDArray[np.float32]  # [4 d]
    bias_hh_l0: NDArray[np.float32]  # [4 d]


@njit(cache=True, nogil=True)
def read_by_lstm(
    vectors: NDArray[np.float32], past: NDArray[np.void], w: LstmWeights, m: NDArray[np.float32]
) -> None:
    """m_0 = h after the newest event: c ← f ∘ c + i ∘ tanh(g), h = o ∘ tanh(c)."""
    d = vectors.shape[1]
    x, h, c = np.empty(d, np.float32), m[0], np.zeros(d, np.float32)
    given, held = np.empty(4 * d, np.float32), np.empty(4 * d, np.float32)
    h[:] = 0
    for j in range(len(past) - 1, -1, -1):
        taken_in(vectors, past, j, w.kinds, w.gaps, x)
        affine(w.weight_ih_l0, w.bias_ih_l0, x, given)
        affine(w.weight_hh_l0, w.bias_hh_l0, h, held)
        for i in range(d):
            taken = sigmoid(given[i] + held[i])
            kept = sigmoid(given[d + i] + held[d + i])
            new = np.float32(math.tanh(given[2 * d + i] + held[2 * d + i]))
            told = sigmoid(given[3 * d + i] + held[3 * d + i])
            c[i] = kept * c[i] + taken * new
            h[i] = told * np.float32(math.tanh(c[i]))
