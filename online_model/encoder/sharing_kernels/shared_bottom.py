"""One layer for all tasks; with biases of each task's own, if wanted."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.sharing_kernels.blocks import rectified, summed


class SharedBottomWeights(NamedTuple):
    """h_t = max(0, bias + x into)."""

    into: NDArray[np.float32]  # [W, H]
    bias: NDArray[np.float32]  # [H]


class OwnBiasesWeights(NamedTuple):
    """h_t = max(0, bias_t + x into)."""

    into: NDArray[np.float32]  # [W, H]
    bias: NDArray[np.float32]  # [T, H]


@njit(cache=True, nogil=True)
def share_bottom(x: NDArray[np.float32], w: SharedBottomWeights, h: NDArray[np.float32]) -> None:
    """Into h[T, H]."""
    summed(x, w.into, w.bias, h[0])
    rectified(h[0])
    h[1:] = h[0]


@njit(cache=True, nogil=True)
def share_bottom_own_biases(x: NDArray[np.float32], w: OwnBiasesWeights, h: NDArray[np.float32]) -> None:
    """Into h[T, H]."""
    found = np.empty(h.shape[1], np.float32)
    summed(x, w.into, np.zeros_like(found), found)
    for t in range(len(h)):
        h[t] = found + w.bias[t]
        rectified(h[t])
