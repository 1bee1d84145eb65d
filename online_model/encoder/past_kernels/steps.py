"""What a recurrent reader takes in, event by event from the oldest: the item, what was done, how long till the next."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.dot import dot
from online_model.encoder.past_kernels.ages import AGES, KINDS, place_of


def recurrent_shapes(gates: int, d: int) -> tuple[tuple[int, ...], ...]:
    """Of kinds, gaps, weight_ih, weight_hh, bias_ih and bias_hh."""
    return (KINDS, d), (AGES, d), (gates * d, d), (gates * d, d), (gates * d,), (gates * d,)


@njit(cache=True, nogil=True)
def taken_in(
    vectors: NDArray[np.float32],
    past: NDArray[np.void],
    j: int,
    kinds: NDArray[np.float32],  # [KINDS, d]
    gaps: NDArray[np.float32],  # [AGES, d]
    x: NDArray[np.float32],
) -> None:
    """x[d] = vⱼ + kinds[kindⱼ] + gaps[log₂(1 + gapⱼ)], gapⱼ the seconds until the event after it, or until now."""
    later = past[j - 1].age_s if j > 0 else np.float32(0)
    place = place_of(max(past[j].age_s - later, np.float32(0)))
    knot = int(place)
    part, kind = place - np.float32(knot), min(past[j].kind, KINDS - 1)
    for i in range(len(x)):
        x[i] = vectors[j, i] + kinds[kind, i] + gaps[knot, i] + part * (gaps[knot + 1, i] - gaps[knot, i])


@njit(cache=True, nogil=True)
def affine(
    weight: NDArray[np.float32], bias: NDArray[np.float32], x: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    """out[k] = weight[k, d] x[d] + bias[k]."""
    for i in range(len(out)):
        out[i] = dot(weight[i], x) + bias[i]


@njit(cache=True, nogil=True)
def sigmoid(z: np.float32) -> np.float32:
    """1 / (1 + e⁻ᶻ)."""
    return np.float32(1.0 / (1.0 + math.exp(-z)))
