"""Adaptive information transfer along the tasks' order: Xi et al., KDD 2021."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.dot import dot
from online_model.encoder.sharing_kernels.blocks import rectified, summed, units


class AitmWeights(NamedTuple):
    """q_t = max(0, bias_t + x into_t), h₁ = q₁; then h_t = Σ_u softmax(⟨K u, Q u⟩ / √H) V u over u ∈ {p, q_t},
    p = max(0, C h_{t−1}); C, K, Q and V each with a bias, and of each transfer's own.
    """

    into: NDArray[np.float32]  # [T, W, H]
    bias: NDArray[np.float32]  # [T, H]
    passes: NDArray[np.float32]  # [T − 1, 4, H, H]: C, K, Q, V
    pass_bias: NDArray[np.float32]  # [T − 1, 4, H]


@njit(cache=True, nogil=True)
def _fit(u: NDArray[np.float32], w: NDArray[np.float32], bias: NDArray[np.float32]) -> float:
    """⟨K u, Q u⟩ / √H."""
    key, query = np.empty_like(u), np.empty_like(u)
    summed(u, w[1], bias[1], key)
    summed(u, w[2], bias[2], query)
    return float(dot(key, query)) / math.sqrt(len(u))


@njit(cache=True, nogil=True)
def share_along(x: NDArray[np.float32], w: AitmWeights, h: NDArray[np.float32]) -> None:
    """Into h[T, H]."""
    units(x, w.into, w.bias, h)
    over, mixed = np.empty(h.shape[1], np.float32), np.empty(h.shape[1], np.float32)
    for t in range(1, len(h)):
        layers, bias = w.passes[t - 1], w.pass_bias[t - 1]
        summed(h[t - 1], layers[0], bias[0], over)
        rectified(over)
        part = np.float32(1.0 / (1.0 + math.exp(_fit(h[t], layers, bias) - _fit(over, layers, bias))))
        for k in range(len(mixed)):
            mixed[k] = part * over[k] + (np.float32(1) - part) * h[t, k]
        summed(mixed, layers[3], bias[3], h[t])
