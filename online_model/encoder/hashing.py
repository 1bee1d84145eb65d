"""Where a key's rows lie in a table of fixed size: an item nobody has seen yet has its rows already.

Row k of a key is mix(key, k) mod rows. With several hashes two keys rarely share all their rows, although many
share one. Weinberger et al., "Feature hashing", ICML 2009; Svenstrup et al., "Hash embeddings", NIPS 2017.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.rivals import mixed

HALF = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)


@njit(cache=True)
def bucket(key: np.uint64, turn: int, buckets: int) -> int:
    """The turn-th row of a key (u32), 0 ≤ row < buckets."""
    return int(mixed((np.uint64(turn) << HALF) | key) % np.uint64(buckets))


@njit(cache=True)
def paired(item: np.uint64, category: np.uint64) -> np.uint64:
    """An item and its category, both below 2³², as one number: item in the high half.

    It is all that an item's vector depends on.
    """
    return (np.uint64(item) << HALF) | np.uint64(category)


@njit(cache=True)
def rows_of(
    keys: NDArray[np.uint64],
    hashes: int,
    buckets: int,  # keys below 2³²
) -> NDArray[np.int64]:
    """int64[n, hashes]: all rows of all keys.

    >>> rows_of(np.array([7, 7, 8], np.uint64), 2, 1000).tolist()
    [[487, 863], [487, 863], [622, 52]]
    """
    rows = np.empty((len(keys), hashes), np.int64)
    for i in range(len(keys)):
        for turn in range(hashes):
            rows[i, turn] = bucket(keys[i], turn, buckets)
    return rows
