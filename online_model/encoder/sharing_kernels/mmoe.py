"""Multi-gate mixture of experts: Ma et al., KDD 2018."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.sharing_kernels.blocks import add_mixed, shares, units


class MmoeWeights(NamedTuple):
    """h_t = Σ_e g_te max(0, bias_e + x into_e), g_t = softmax(x gates_t)."""

    into: NDArray[np.float32]  # [E, W, H]
    bias: NDArray[np.float32]  # [E, H]
    gates: NDArray[np.float32]  # [T, W, E]


@njit(cache=True, nogil=True)
def share_experts(x: NDArray[np.float32], w: MmoeWeights, h: NDArray[np.float32]) -> None:
    """Into h[T, H]."""
    found, g = np.empty(w.bias.shape, np.float32), np.empty(len(w.bias), np.float32)
    units(x, w.into, w.bias, found)
    h[:] = 0
    for t in range(len(h)):
        shares(x, w.gates[t], g)
        add_mixed(g, found, h[t])
