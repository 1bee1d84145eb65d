"""Progressive validation of the heads: each example predicted before it is learned, the newest ones counting most.

Predictions go into two weighted histograms of the logit, of hits and of misses, that forget with each example; the
area under the ROC curve is read off them (ties inside a bin count half), so memory does not grow with the stream.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.calibration import log_total
from online_model.example import Example, unpack_example
from online_model.features import OWN
from online_model.heads import Heads

BINS = 200  # of the logit from −20 to 20: two predictions less than 0.2 apart count as a tie
FORGET = 0.9995  # kept an example: the newest 2,000 make up two thirds


class TaskQuality(NamedTuple):
    """auc, and log_loss in nats a row; calibration: predicted hits over observed hits."""

    auc: float
    log_loss: float
    calibration: float


@njit(cache=True)
def _add(
    weights: NDArray[np.float32],
    scores: NDArray[np.float32],
    own: NDArray[np.float32],
    odds: NDArray[np.float32],
    labels: NDArray[np.int8],
    first: int,
    forget: float,
    bins: NDArray[np.float64],  # [tasks, 2, BINS]
    sums: NDArray[np.float64],  # [tasks, 4]: weight, predicted, observed, loss
) -> None:
    n, n_bins = scores.shape[1], bins.shape[2]
    for t in range(len(weights)):
        if labels[n - 1, t] < 0:
            continue
        bins[t] *= forget
        sums[t] *= forget
        total = log_total(scores[t, first:], odds[first:], n - first)
        for i in range(first, n):
            share = scores[t, i] - total
            z = weights[t, 0] + weights[t, 1] * max(share, -16.0) + weights[t, 2] * own[i]
            z = min(max(z, -19.99), 19.99)
            p, y, w = 1.0 / (1.0 + math.exp(-z)), labels[i, t], 1.0 / odds[i]
            bins[t, 1 - y, int((z + 20.0) / 40.0 * n_bins)] += w
            sums[t, 0] += w
            sums[t, 1] += w * p
            sums[t, 2] += w * y
            sums[t, 3] -= w * math.log(p if y == 1 else 1.0 - p)


class Progressive:
    """Quality of every task over the newest examples. Call `watch` before the heads learn the example."""

    def __init__(self, n_tasks: int, forget: float = FORGET) -> None:
        self._forget = forget
        self._bins = np.zeros((n_tasks, 2, BINS))
        self._sums = np.zeros((n_tasks, 4))

    def watch(self, heads: Heads, example: Example) -> None:
        """Predict the example's rows, weighted by their sampling odds, and count them."""
        x, odds, labels = unpack_example(example)
        first = 0 if example.in_candidates else 1
        if x.shape[1] <= first:
            return
        scores = np.empty(labels.T.shape, np.float32)
        heads.score(x, scores)
        _add(
            heads.calibration,
            scores,
            x[OWN],
            odds,
            labels,
            first,
            self._forget,
            self._bins,
            self._sums,
        )

    def quality(self, task: int) -> TaskQuality | None:
        """Of one task; None before it has seen a hit and a miss."""
        hits, misses = self._bins[task]
        weight, predicted, observed, loss = self._sums[task]
        if hits.sum() <= 0 or misses.sum() <= 0:
            return None
        below = np.cumsum(misses) - misses
        auc = float((hits * (below + misses / 2)).sum() / (hits.sum() * misses.sum()))
        return TaskQuality(auc, float(loss / weight), float(predicted / observed))
