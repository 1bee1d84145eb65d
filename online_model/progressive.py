"""Progressive validation of the heads: each example predicted before it is learned, the newest ones counting most.

Predictions go into two weighted histograms of the logit, of hits and of misses, that forget with each example; the
area under the ROC curve is read off them (ties inside a bin count half), so memory does not grow with the stream.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.calibration import log_total
from online_model.example import CHOICE, LATE_HIT, VALUE, WHOLE, Example, unpack_example
from online_model.features import OWN
from online_model.heads import Heads
from online_model.tasks import Task

BINS = 200  # of the logit from −20 to 20: two predictions less than 0.2 apart count as a tie
FORGET = 0.9995  # kept an example: the newest 2,000 make up two thirds


class TaskQuality(NamedTuple):
    """auc, and log_loss in nats a row; calibration: predicted hits over observed hits."""

    auc: float
    log_loss: float
    calibration: float


class ValueQuality(NamedTuple):
    """Of a regression, in its own units. mae, rmse: mean absolute and root mean squared error; spread: the rmse of
    always saying the mean; calibration: mean prediction over mean value.
    """

    mae: float
    rmse: float
    spread: float
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


@njit(cache=True)
def _add_page(
    p: NDArray[np.float32],  # [n, tasks]
    labels: NDArray[np.int8],  # [n, tasks]
    forget: float,
    bins: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    n, tasks = labels.shape
    n_bins = bins.shape[2]
    for t in range(tasks):
        counted = (labels[:, t] == 0) | (labels[:, t] == 1)
        if counted.any():
            bins[t] *= forget
            sums[t] *= forget
        for i in range(n):
            y = labels[i, t]
            if not counted[i] and y != LATE_HIT:
                continue
            q = min(max(float(p[i, t]), 1e-6), 1 - 1e-6)
            at = int((min(max(math.log(q / (1 - q)), -19.99), 19.99) + 20.0) / 40.0 * n_bins)
            if y == LATE_HIT:  # takes back the miss that was counted
                bins[t, 1, at] = max(bins[t, 1, at] - 1.0, 0.0)
                sums[t, 2] += 1
                sums[t, 3] += math.log(1 - q) - math.log(q)
            else:
                sums[t, 0] += 1
                sums[t, 1] += q
                sums[t, 2] += y
                sums[t, 3] -= math.log(q if y == 1 else 1 - q)
            bins[t, 0 if y == LATE_HIT else 1 - y, at] += 1


class Progressive:
    """Quality of every task over the newest examples. Call `watch` before the heads learn the example."""

    def __init__(self, tasks: Sequence[Task], forget: float = FORGET) -> None:
        self._forget, n_tasks = forget, len(tasks)
        self._ranges = [task.range for task in tasks]
        self._values = np.zeros((n_tasks, 6))
        self._page_bins, self._page_sums = np.zeros((n_tasks, 2, BINS)), np.zeros((n_tasks, 4))
        self._bins = np.zeros((n_tasks, 2, BINS))
        self._sums = np.zeros((n_tasks, 4))

    def watch(self, heads: Heads, example: Example) -> None:
        """Predict the example's rows, weighted by their sampling odds, and count them. Of a page, what was predicted
        when it was shown.
        """
        if example.kind != CHOICE:
            self._watch_page(example)
            return
        x, odds, labels = unpack_example(example)
        first = example.first_candidate
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

    def _watch_page(self, example: Example) -> None:
        n = len(example.odds) // 4
        p = np.frombuffer(example.p, "<f2").astype(np.float32).reshape(n, -1)
        labels = np.frombuffer(example.labels, np.int8).reshape(n, -1)
        if example.kind == VALUE:
            self._add_values(p[0], labels[0])
        else:
            _add_page(p, labels, self._forget, self._page_bins, self._page_sums)

    def _add_values(self, p: NDArray[np.float32], labels: NDArray[np.int8]) -> None:
        for t in np.flatnonzero(labels >= 0).tolist():
            value, error = labels[t] / WHOLE, float(p[t]) - labels[t] / WHOLE
            self._values[t] *= self._forget
            self._values[t] += (1, abs(error), error * error, value, value * value, float(p[t]))

    def quality(self, task: int) -> TaskQuality | None:
        """Of one task, on the pages that were shown if there were any; None before it has seen a hit and a miss."""
        return _quality(*self._taken(task))

    def _taken(self, task: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Histogram and sums of its pages, once these have a hit and a miss; of its choices until then."""
        pages = self._page_bins[task]
        if pages[0].sum() > 0 and pages[1].sum() > 0:
            return pages, self._page_sums[task]
        return self._bins[task], self._sums[task]

    def value_quality(self, task: int) -> ValueQuality | None:
        """Of a regression; None before it has seen a value."""
        n, absolute, squared, value, value_squared, predicted = self._values[task].tolist()
        if not n:
            return None
        low, high = self._ranges[task]
        units = high - low
        return ValueQuality(
            units * absolute / n,
            units * math.sqrt(squared / n),
            units * math.sqrt(max(value_squared / n - (value / n) ** 2, 0.0)),
            (low * n + units * predicted) / max(low * n + units * value, 1e-9),
        )


def _quality(bins: NDArray[np.float64], sums: NDArray[np.float64]) -> TaskQuality | None:
    hits, misses = bins
    weight, predicted, observed, loss = sums
    if hits.sum() <= 0 or misses.sum() <= 0:
        return None
    below = np.cumsum(misses) - misses
    auc = float((hits * (below + misses / 2)).sum() / (hits.sum() * misses.sum()))
    return TaskQuality(auc, float(loss / weight), float(predicted / observed))
