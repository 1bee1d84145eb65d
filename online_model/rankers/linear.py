"""Linear ranker: s_t(x) = (w + d_t) · x, weights shared by the tasks plus a delta for each."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.rankers.softmax import adagrad, slopes
from online_model.settings import ModelSettings


@njit(cache=True, nogil=True)
def _score(weights: NDArray[np.float32], x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    tasks = len(weights) - 1
    for i in range(len(x)):
        out[i] = 0
        for f in range(x.shape[1]):
            value = x[i, f]
            if value != 0:
                for t in range(tasks):
                    out[i, t] += (weights[0, f] + weights[1 + t, f]) * value


@njit(cache=True, nogil=True)
def _learn(
    weights: NDArray[np.float32],
    squares: NDArray[np.float32],
    x: NDArray[np.float32],
    odds: NDArray[np.float32],
    labels: NDArray[np.int8],
    task: int,
    chosen: int,
    rate: float,
) -> None:
    n, width = x.shape
    scores, g = np.zeros(n, np.float32), np.empty(n, np.float32)
    for i in range(n):
        for f in range(width):
            scores[i] += (weights[0, f] + weights[1 + task, f]) * x[i, f]
    slopes(scores, odds, labels, chosen, g)
    slope = np.zeros(width, np.float32)
    for i in range(n):
        for f in range(width):
            slope[f] += g[i] * x[i, f]
    adagrad(weights[0], squares[0], slope, rate)
    adagrad(weights[1 + task], squares[1 + task], slope, rate)


class LinearRanker:
    """weights, squares: float32[1 + tasks, width]; row 0 is shared, row 1 + t is task t's delta."""

    def __init__(self, width: int, tasks: int, settings: ModelSettings) -> None:
        self.rate = settings.learning_rate
        self.weights = np.zeros((1 + tasks, width), np.float32)
        self.squares = np.zeros((1 + tasks, width), np.float32)

    def score(self, x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """x[n, width] → out[n, tasks]; a row's scores depend on that row alone."""
        _score(self.weights, x, out)

    def learn(
        self,
        x: NDArray[np.float32],
        odds: NDArray[np.float32],
        labels: NDArray[np.int8],
        task: int,
        chosen: int,
    ) -> None:
        """One choice (softmax.py): row `chosen` of x[n, width] over the rows with label 0 (labels[n])."""
        _learn(self.weights, self.squares, x, odds, labels, task, chosen, self.rate)

    @property
    def state(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """All that is learned: weights and AdaGrad's sums."""
        return self.weights, self.squares
