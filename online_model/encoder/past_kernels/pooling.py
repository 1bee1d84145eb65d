"""Sums of past vectors weighed by exp(log weight), the largest log weight taken as 0: nothing overflows."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.past_kernels.ages import KINDS, place_of


@njit(cache=True, nogil=True)
def by_kind_and_age(
    past: NDArray[np.void], kinds: NDArray[np.float32], ages: NDArray[np.float32], logs: NDArray[np.float32]
) -> None:
    """logs[n] = kinds[kind] + ages[place of the age], linear between knots; kinds[KINDS], ages[AGES]."""
    for j in range(len(past)):
        place = place_of(past[j].age_s)
        knot = int(place)
        logs[j] = ages[knot] + (place - np.float32(knot)) * (ages[knot + 1] - ages[knot])
        logs[j] += kinds[min(past[j].kind, KINDS - 1)]


@njit(cache=True, nogil=True)
def pool(vectors: NDArray[np.float32], logs: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """out[d] = Σⱼ exp(logsⱼ) vectorsⱼ / Σⱼ exp(logsⱼ); zeros when there is none."""
    out[:] = 0
    if not len(logs):
        return
    high, total = logs.max(), np.float32(0)
    for j in range(len(logs)):
        weight = np.float32(math.exp(logs[j] - high))
        total += weight
        for i in range(len(out)):
            out[i] += weight * vectors[j, i]
    for i in range(len(out)):
        out[i] /= total
