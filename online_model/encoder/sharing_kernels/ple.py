"""Progressive layered extraction, one level: some experts for all, others for one task. Tang et al., RecSys 2020."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.sharing_kernels.blocks import add_mixed, shares, units


class PleWeights(NamedTuple):
    """h_t = Σₙ g_tn f_n over the task's own experts and then the shared ones, g_t = softmax(x gates_t)."""

    own_into: NDArray[np.float32]  # [T, N, W, H]
    own_bias: NDArray[np.float32]  # [T, N, H]
    into: NDArray[np.float32]  # [N, W, H]
    bias: NDArray[np.float32]  # [N, H]
    gates: NDArray[np.float32]  # [T, W, 2 N]


@njit(cache=True, nogil=True)
def share_some_experts(x: NDArray[np.float32], w: PleWeights, h: NDArray[np.float32]) -> None:
    """Into h[T, H]."""
    n = len(w.bias)
    shared, own = np.empty(w.bias.shape, np.float32), np.empty(w.bias.shape, np.float32)
    g = np.empty(2 * n, np.float32)
    units(x, w.into, w.bias, shared)
    h[:] = 0
    for t in range(len(h)):
        units(x, w.own_into[t], w.own_bias[t], own)
        shares(x, w.gates[t], g)
        add_mixed(g[:n], own, h[t])
        add_mixed(g[n:], shared, h[t])
