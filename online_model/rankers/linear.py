"""Linear ranker: s_t(x) = (w + d_t) · x, weights shared by the tasks plus a delta for each."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.rankers.softmax import adagrad, slopes
from online_model.settings import ModelSettings


@njit(cache=True, nogil=True)
def _score(weights: NDArray[np.float32], x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    for t in range(len(out)):
        out[t] = 0
        for f in range(len(x)):
            weight = weights[0, f] + weights[1 + t, f]
            for i in range(x.shape[1]):
                out[t, i] += weight * x[f, i]


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
    width, n = x.shape
    scores, g, slope = np.zeros(n, np.float32), np.empty(n, np.float32), np.zeros(width, np.float32)
    for f in range(width):
        for i in range(n):
            scores[i] += (weights[0, f] + weights[1 + task, f]) * x[f, i]
    slopes(scores, odds, labels, chosen, g)
    for f in range(width):
        for i in range(n):
            slope[f] += g[i] * x[f, i]
    adagrad(weights[0], squares[0], slope, rate)
    adagrad(weights[1 + task], squares[1 + task], slope, rate)


class LinearRanker:
    """weights, squares: float32[1 + tasks, width]; row 0 is shared, row 1 + t is task t's delta."""

    def __init__(self, width: int, tasks: int, settings: ModelSettings) -> None:
        self.rate = settings.learning_rate
        self.weights = np.zeros((1 + tasks, width), np.float32)
        self.squares = np.zeros((1 + tasks, width), np.float32)

    def score(self, x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """x[width, n] → out[tasks, n]; an item's scores depend on its own column alone."""
        _score(self.weights, x, out)

    def learn(
        self,
        x: NDArray[np.float32],
        odds: NDArray[np.float32],
        labels: NDArray[np.int8],
        task: int,
        chosen: int,
    ) -> None:
        """One choice (softmax.py): item `chosen` of x[width, n] over those with label 0 (labels[n])."""
        _learn(self.weights, self.squares, x, odds, labels, task, chosen, self.rate)

    def explain(self, x: NDArray[np.float32], task: int) -> NDArray[np.float64]:
        """float64[width + 1]: what each feature of one item x[width] adds to s_task; a bias, there is none, last."""
        weights = self.weights.astype(np.float64)
        return np.append((weights[0] + weights[1 + task]) * x, 0.0)

    @property
    def state(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """All that is learned: weights and AdaGrad's sums."""
        return self.weights, self.squares
