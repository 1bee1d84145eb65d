"""A layer for each task: alone, or trained to stay near the others (soft), which shows in its numbers only."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.sharing_kernels.blocks import units


class SingleWeights(NamedTuple):
    """h_t = max(0, bias_t + x into_t)."""

    into: NDArray[np.float32]  # [T, W, H]
    bias: NDArray[np.float32]  # [T, H]


@njit(cache=True, nogil=True)
def share_nothing(x: NDArray[np.float32], w: SingleWeights, h: NDArray[np.float32]) -> None:
    """Into h[T, H]."""
    units(x, w.into, w.bias, h)
