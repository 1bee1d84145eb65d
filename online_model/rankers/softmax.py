"""The loss that every ranker learns by: one choice among sampled rivals.

For task t, with s_i the scores of the rows and π_i their odds of being in the example (1 for the chosen one):
    z_i = s_i − log π_i,   q = softmax(z),   loss = −log q_chosen,   ∂loss/∂s_i = q_i − [i = chosen].
The −log π (logQ correction) makes the sum over the sampled rows estimate the sum over the whole list.
Bengio & Senécal, "Adaptive importance sampling to accelerate training", IEEE Trans. Neural Networks 2008.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

ADAGRAD_START = np.float32(1e-2)  # first sum of squares: the first steps are long, but bounded


@njit(cache=True)
def slopes(
    scores: NDArray[np.float32],
    odds: NDArray[np.float32],
    labels: NDArray[np.int8],
    chosen: int,
    out: NDArray[np.float32],
) -> None:
    """out[i] = ∂loss/∂s_i; rows with a label other than 0, save the chosen one, take no part (slope 0).

    >>> out = np.zeros(2, np.float32)
    >>> slopes(np.zeros(2, np.float32), np.array([1, 0.5], np.float32), np.array([1, 0], np.int8), 0, out)
    >>> [round(slope, 4) for slope in out.tolist()]  # the rival stands for two: q = 1/3, 2/3
    [-0.6667, 0.6667]
    """
    high = -np.inf
    for i in range(len(scores)):
        if i == chosen or labels[i] == 0:
            out[i] = scores[i] - np.float32(math.log(odds[i]))
            high = max(high, out[i])
    total = np.float32(0)
    for i in range(len(scores)):
        if i == chosen or labels[i] == 0:
            out[i] = math.exp(out[i] - high)
            total += out[i]
        else:
            out[i] = 0
    for i in range(len(scores)):
        out[i] /= total
    out[chosen] -= 1


@njit(cache=True, error_model="numpy")  # a check for division by 0 would keep it from four at a time
def adagrad(
    weights: NDArray[np.float32], squares: NDArray[np.float32], slope: NDArray[np.float32], rate: float
) -> None:
    """w ← w − rate · g / √(G + start), G ← G + g² first. Duchi, Hazan & Singer, JMLR 2011."""
    step = np.float32(rate)
    for i in range(len(weights)):
        squares[i] += slope[i] * slope[i]
        weights[i] -= step * slope[i] / np.sqrt(squares[i] + ADAGRAD_START)
