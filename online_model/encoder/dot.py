"""The inner product that every compiled kernel uses."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def dot(a: NDArray[np.float32], b: NDArray[np.float32]) -> np.float32:
    """a · b. The order of the sum is the compiler's, but the same for every pair of this length."""
    total = np.float32(0)
    for i in range(len(a)):
        total += a[i] * b[i]
    return total
