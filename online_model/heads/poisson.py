"""Poisson head: the mean of a count."""

import math
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.heads.linear import LIMIT, Linear, dot, step
from online_model.tasks import TaskKind


@njit(cache=True)
def _mean(weights: NDArray[np.float32], x: NDArray[np.float32], most: float) -> float:
    return min(math.exp(min(max(dot(weights, x) + weights[-1], -LIMIT), LIMIT)), most)


@njit(cache=True, nogil=True)
def _predict(
    weights: NDArray[np.float32], x: NDArray[np.float32], most: float, out: NDArray[np.float32]
) -> None:
    for i in range(len(x)):
        out[i] = _mean(weights, x[i], most)


@njit(cache=True, nogil=True)
def _learn(
    weights: NDArray[np.float32],
    squares: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    weight: NDArray[np.float32],
    most: float,
    rate: float,
    l2: float,
) -> None:
    for i in range(len(x)):
        slope = _mean(weights, x[i], most) - y[i]
        step(weights, squares, x[i], weight[i] * slope, weight[i] * l2, rate)


class PoissonHead(Linear):
    """μ = exp(s),   ∂loss/∂s = μ − y   (loss μ − y log μ), by AdaGrad (linear.py).

    most: the largest count there may be, at most 1e6; μ stays within e⁻¹⁵..most, and starts at 1.

    >>> head, x = PoissonHead(1), np.array([[1]], np.float32)
    >>> head.learn(x, np.array([3], np.float32))  # from 1; w = b = .1 · 2 / √(4 + .01)
    >>> round(float(head.predict(x)[0]), 4)
    1.2211
    """

    kind: ClassVar[TaskKind] = "count"

    def __init__(self, width: int, *, most: float = 1e4, rate: float = 0.1, l2: float = 0.0) -> None:
        super().__init__(width, rate, l2)
        self.most = checks.number("most", most, 1, checks.LARGEST)

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x[n, width] → mean counts float32[n]."""
        x = checks.rows(x, self.width)
        out = np.empty(len(x), np.float32)
        _predict(self.weights, x, self.most, out)
        return out

    def learn(
        self, x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[np.float32] | None = None
    ) -> None:
        """Rows x[n, width] with counts y[n] within 0..most, in order: one by one learns the same, bit for bit."""
        x = checks.rows(x, self.width)
        y, weight = checks.labels(y, len(x), 0, self.most), checks.weights(weight, len(x))
        _learn(self.weights, self.squares, x, y, weight, self.most, self.rate, self.l2)
