"""Squared head: the mean of a value within a range."""

from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.heads.linear import Linear, dot, step
from online_model.tasks import TaskKind


@njit(cache=True)
def _value(weights: NDArray[np.float32], x: NDArray[np.float32]) -> float:
    return min(max(dot(weights, x) + float(weights[-1]), -1.0), 1.0)


@njit(cache=True, nogil=True)
def _predict(
    weights: NDArray[np.float32], x: NDArray[np.float32], middle: float, half: float, out: NDArray[np.float32]
) -> None:
    for i in range(len(x)):
        out[i] = middle + half * _value(weights, x[i])


@njit(cache=True, nogil=True)
def _learn(
    weights: NDArray[np.float32],
    squares: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    weight: NDArray[np.float32],
    middle: float,
    half: float,
    cut: float,
    rate: float,
    l2: float,
) -> None:
    for i in range(len(x)):
        off = _value(weights, x[i]) - (y[i] - middle) / half
        step(weights, squares, x[i], weight[i] * min(max(off, -cut), cut), weight[i] * l2, rate)


class SquaredHead(Linear):
    """ŷ = middle + half · min(1, max(−1, s)),   ∂loss/∂s = (ŷ − y) / half   (squared error), by AdaGrad (linear.py).

    range: the least and the most that a value can be; middle and half of it scale s, so that one rate suits stars
    and prices. A prediction starts at the middle and stays within the range.

    >>> head, x = SquaredHead(1, range=(1.0, 5.0)), np.array([[1]], np.float32)
    >>> head.learn(x, np.array([5], np.float32))  # ŷ = 3, so (ŷ − y) / half = −1; w = b = .1 / √(1 + .01)
    >>> round(float(head.predict(x)[0]), 4)
    3.398
    """

    kind: ClassVar[TaskKind] = "regression"

    def __init__(
        self, width: int, *, range: tuple[float, float] = (1.0, 5.0), rate: float = 0.1, l2: float = 0.0
    ) -> None:
        super().__init__(width, rate, l2)
        self.low, self.high = range
        if not -checks.LARGEST <= self.low < self.high <= checks.LARGEST:
            raise ValueError(f"range must be two rising numbers within ±{checks.LARGEST:g}; got {range}")
        self.middle, self.half = (self.low + self.high) / 2, (self.high - self.low) / 2
        self.cut = 2.0  # of |ŷ − y| / half: there is no more

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x[n, width] → values float32[n] within the range."""
        x = checks.rows(x, self.width)
        out = np.empty(len(x), np.float32)
        _predict(self.weights, x, self.middle, self.half, out)
        return out

    def learn(
        self, x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[np.float32] | None = None
    ) -> None:
        """Rows x[n, width] with values y[n] within the range, in order: one by one learns the same, bit for bit."""
        x = checks.rows(x, self.width)
        y, weight = checks.labels(y, len(x), self.low, self.high), checks.weights(weight, len(x))
        _learn(self.weights, self.squares, x, y, weight, self.middle, self.half, self.cut, self.rate, self.l2)

    def explain(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[n, width + 1]: what each feature adds to the value; last the bias and the middle of the range."""
        out = np.float32(self.half) * super().explain(x)
        out[:, -1] += np.float32(self.middle)
        return out
