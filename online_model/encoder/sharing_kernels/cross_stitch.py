"""A layer for each task, and learned mixtures of what they found: Misra et al., CVPR 2016."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.sharing_kernels.blocks import add_mixed, units


class CrossStitchWeights(NamedTuple):
    """h_t = Σ_s stitches_ts max(0, bias_s + x into_s)."""

    into: NDArray[np.float32]  # [T, W, H]
    bias: NDArray[np.float32]  # [T, H]
    stitches: NDArray[np.float32]  # [T, T]


@njit(cache=True, nogil=True)
def share_by_stitches(x: NDArray[np.float32], w: CrossStitchWeights, h: NDArray[np.float32]) -> None:
    """Into h[T, H]."""
    found = np.empty_like(h)
    units(x, w.into, w.bias, found)
    h[:] = 0
    for t in range(len(h)):
        add_mixed(w.stitches[t], found, h[t])
