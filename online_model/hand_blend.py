"""A blend set by hand: the baseline that learning has to beat, and the odds by which rivals are drawn.

The weights are the fair baseline of the project's measurements: recency first, then co-visits, then category,
and the item just viewed last. They read the same features as the rankers and are never learned.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.features import (
    CATEGORY_RECENCY,
    COVISIT_SHARE,
    ITEM_WARM,
    LAST_NEXT,
    OWN_1H,
    OWN_LAST,
    OWN_RECENCY,
)


@njit(cache=True)
def blend_of(row: NDArray[np.float32]) -> float:
    """A number that is larger for a better item, 0 to about 4; the item just viewed comes last."""
    if row[OWN_LAST] > 0:
        return 0.0
    return (
        2.0 * row[OWN_RECENCY]
        + 0.3 * row[OWN_1H]
        + 0.5 * row[COVISIT_SHARE]
        + 0.5 * row[LAST_NEXT]
        + 0.1 * row[CATEGORY_RECENCY]
        + 0.02 * row[ITEM_WARM]
    )


@njit(cache=True, nogil=True)
def blend(x: NDArray[np.float32], out: NDArray[np.float64]) -> None:
    """out[n] for x[n, WIDTH]."""
    for i in range(len(x)):
        out[i] = blend_of(x[i])
