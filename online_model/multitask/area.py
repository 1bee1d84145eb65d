"""Area under the ROC curve, exact: every row's score counts, ties half."""

import numpy as np
from numpy.typing import NDArray


def area_under_roc(scores: NDArray[np.floating], labels: NDArray[np.bool_]) -> float:
    """The probability that a hit scores above a miss, f[n] and bool[n]. ValueError without one of the two.

    >>> area_under_roc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, True, False, True]))
    0.875
    """
    hits, misses = np.sort(scores[labels]), np.sort(scores[~labels])
    if not len(hits) or not len(misses):
        raise ValueError(f"AUC needs hits and misses; got {len(hits)} and {len(misses)}")
    below = np.searchsorted(misses, hits, "left") + np.searchsorted(misses, hits, "right")
    return float(below.sum() / (2 * len(hits) * len(misses)))
