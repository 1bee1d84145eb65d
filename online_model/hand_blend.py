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
def blend_of(x: NDArray[np.float32], i: int) -> float:
    """Of column i of x[width, n]: 0 to about 4, larger for a better item; the item just viewed comes last."""
    if x[OWN_LAST, i] > 0:
        return 0.0
    return float(
        2.0 * x[OWN_RECENCY, i]
        + 0.3 * x[OWN_1H, i]
        + 0.5 * x[COVISIT_SHARE, i]
        + 0.5 * x[LAST_NEXT, i]
        + 0.1 * x[CATEGORY_RECENCY, i]
        + 0.02 * x[ITEM_WARM, i]
    )
