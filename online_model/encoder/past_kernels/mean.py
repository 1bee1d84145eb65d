"""Weighted means: what was touched lately, and how, counts for more."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.past_kernels.pooling import by_kind_and_age, pool

MEANS = 2  # one can look at the last minutes, the other at the last days


class MeanWeights(NamedTuple):
    """log w_sj = kinds[s, kindⱼ] + ages[s, log₂(1 + ageⱼ)]."""

    kinds: NDArray[np.float32]  # [MEANS, KINDS]
    ages: NDArray[np.float32]  # [MEANS, AGES], between knots linear


@njit(cache=True, nogil=True)
def read_by_mean(
    vectors: NDArray[np.float32], past: NDArray[np.void], w: MeanWeights, m: NDArray[np.float32]
) -> None:
    """m_s = Σⱼ w_sj vⱼ / Σⱼ w_sj."""
    logs = np.empty(len(past), np.float32)
    for s in range(len(m)):
        by_kind_and_age(past, w.kinds[s], w.ages[s], logs)
        pool(vectors, logs, m[s])
