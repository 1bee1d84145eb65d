"""What the ways of sharing are put together from: layers of rectified units, and mixtures of what they find."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def summed(
    x: NDArray[np.float32], into: NDArray[np.float32], bias: NDArray[np.float32], f: NDArray[np.float32]
) -> None:
    """f[H] = bias[H] + x[W] into[W, H]."""
    f[:] = bias
    for i in range(len(x)):
        for k in range(len(f)):
            f[k] += x[i] * into[i, k]


@njit(cache=True, nogil=True)
def rectified(f: NDArray[np.float32]) -> None:
    """f[H] = max(0, f)."""
    for k in range(len(f)):
        f[k] = max(f[k], np.float32(0))


@njit(cache=True, nogil=True)
def units(
    x: NDArray[np.float32], into: NDArray[np.float32], bias: NDArray[np.float32], f: NDArray[np.float32]
) -> None:
    """f[n, H] = max(0, bias[n, H] + x[W] into[n, W, H]): n layers beside one another."""
    for n in range(len(f)):
        summed(x, into[n], bias[n], f[n])
        rectified(f[n])


@njit(cache=True, nogil=True)
def shares(x: NDArray[np.float32], gate: NDArray[np.float32], g: NDArray[np.float32]) -> None:
    """g[n] = softmax(x[W] gate[W, n])."""
    g[:] = 0
    for i in range(len(x)):
        for n in range(len(g)):
            g[n] += x[i] * gate[i, n]
    high, total = g.max(), np.float32(0)
    for n in range(len(g)):
        g[n] = math.exp(g[n] - high)
        total += g[n]
    for n in range(len(g)):
        g[n] /= total


@njit(cache=True, nogil=True)
def add_mixed(g: NDArray[np.float32], f: NDArray[np.float32], h: NDArray[np.float32]) -> None:
    """h[H] += Σₙ g[n] f[n, H]."""
    for n in range(len(g)):
        for k in range(len(h)):
            h[k] += g[n] * f[n, k]
