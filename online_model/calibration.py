"""From a place in a softmax to a probability: P(the shopper's next event is task t on this item).

p_t = σ(c_t · [1, log share_t, own]), where share_t is the item's part of task t's softmax over the candidates and
own says that it is in the history. Learned by weighted log loss from the same examples as the ranker: a rival that
was sampled with odds π stands for 1/π of its kind, so that Σ p over a list meets the number of hits.
Platt, "Probabilistic outputs for support vector machines", 1999, with an AdaGrad step for each example.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.rankers.softmax import adagrad

INPUTS = 3
LEAST_LOG_SHARE = -16.0


@njit(cache=True)
def log_total(scores: NDArray[np.float32], odds: NDArray[np.float32], n: int) -> float:
    """log Σ exp(scoreᵢ)/oddsᵢ over the first n rows; −∞ when there are none."""
    high = -np.inf
    for i in range(n):
        high = max(high, scores[i])
    if n == 0:
        return high
    total = 0.0
    for i in range(n):
        total += math.exp(scores[i] - high) / odds[i]
    return high + math.log(total)


@njit(cache=True)
def _probability(c: NDArray[np.float32], log_share: float, own: float) -> float:
    z = c[0] + c[1] * max(log_share, LEAST_LOG_SHARE) + c[2] * own
    return 1.0 / (1.0 + math.exp(-min(max(z, -30.0), 30.0)))


@njit(cache=True, nogil=True)
def calibrate(
    weights: NDArray[np.float32],  # [tasks, INPUTS]
    scores: NDArray[np.float32],  # [tasks, n]
    own: NDArray[np.float32],  # [n]
    candidates: int,  # the first rows, whose sum is the whole; the others are compared with it
    out: NDArray[np.float32],  # [n, tasks]
) -> None:
    """Scores of a whole list into probabilities."""
    ones = np.ones(candidates, np.float32)
    for t in range(len(weights)):
        total = log_total(scores[t], ones, candidates)
        for i in range(scores.shape[1]):
            share = scores[t, i] - total if candidates > 0 else 0.0
            out[i, t] = _probability(weights[t], share, own[i])


@njit(cache=True, nogil=True)
def learn_calibration(
    weights: NDArray[np.float32],
    squares: NDArray[np.float32],
    scores: NDArray[np.float32],  # [tasks, n], as they were before this example was learned
    own: NDArray[np.float32],
    odds: NDArray[np.float32],
    labels: NDArray[np.int8],  # [n, tasks]; −1: the task does not apply
    first: int,  # 1 when row 0, the target, was not among the candidates: all of them missed
    rate: float,
) -> None:
    """One AdaGrad step for each task on Σᵢ −(1/πᵢ) log-likelihood(labelᵢ)."""
    n = scores.shape[1]
    slope = np.empty(INPUTS, np.float32)
    for t in range(len(weights)):
        total = log_total(scores[t, first:], odds[first:], n - first)
        slope[:] = 0
        for i in range(first, n):
            if labels[i, t] >= 0:
                share = scores[t, i] - total
                g = (_probability(weights[t], share, own[i]) - labels[i, t]) / odds[i]
                slope[0] += g
                slope[1] += g * max(share, LEAST_LOG_SHARE)
                slope[2] += g * own[i]
        adagrad(weights[t], squares[t], slope, rate)
