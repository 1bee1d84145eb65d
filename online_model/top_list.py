"""The k hottest items, kept exactly as single items get hotter.

A list is int32[k], hottest first; ties go to the smaller stable key, so neither local indices nor the order
in which different items were updated can change it.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def hotter(a: int, b: int, heat: NDArray[np.float64], keys: NDArray[np.uint64]) -> bool:
    """Whether item a comes before item b."""
    return bool(heat[a] > heat[b] or (heat[a] == heat[b] and keys[a] < keys[b]))


@njit(cache=True)
def raise_item(
    top: NDArray[np.int32], size: int, item: int, heat: NDArray[np.float64], keys: NDArray[np.uint64]
) -> int:
    """Put item where its heat, which has not fallen, now belongs; the list's new size."""
    at = size
    if size == len(top):
        if not hotter(item, top[size - 1], heat, keys) and top[size - 1] != item:
            return size
        at = size - 1
    for i in range(size):
        if top[i] == item:
            at = i
            break
    if at == size:
        size += 1
    while at > 0 and hotter(item, top[at - 1], heat, keys):
        top[at] = top[at - 1]
        at -= 1
    top[at] = item
    return size
