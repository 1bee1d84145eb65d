"""Logistic head: the probability of a label."""

from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.heads.linear import Linear, dot, probabilities, sigmoid, step
from online_model.tasks import TaskKind


@njit(cache=True, nogil=True)
def _learn(
    weights: NDArray[np.float32],
    squares: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    weight: NDArray[np.float32],
    rate: float,
    l2: float,
) -> None:
    for i in range(len(x)):
        p = sigmoid(dot(weights, x[i]) + weights[-1])
        step(weights, squares, x[i], weight[i] * (p - y[i]), weight[i] * l2, rate)


class LogisticHead(Linear):
    """p = σ(s),   ∂loss/∂s = p − y   (log loss), by AdaGrad (linear.py).

    >>> head, x = LogisticHead(2), np.array([[1, 0]], np.float32)
    >>> head.learn(x, np.ones(1, np.float32))  # from .5, which knows nothing; w = b = .1 · .5 / √(.25 + .01)
    >>> round(float(head.predict(x)[0]), 4)
    0.5489
    """

    kind: ClassVar[TaskKind] = "binary"

    def __init__(self, width: int, *, rate: float = 0.1, l2: float = 0.0) -> None:
        super().__init__(width, rate, l2)

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x[n, width] → probabilities float32[n]."""
        x = checks.rows(x, self.width)
        out = np.empty(len(x), np.float32)
        probabilities(self.weights, x, out)
        return out

    def learn(
        self, x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[np.float32] | None = None
    ) -> None:
        """Rows x[n, width] with labels y[n] of 0 or 1, in order: one by one learns the same, bit for bit."""
        x = checks.rows(x, self.width)
        y, weight = checks.binary_labels(y, len(x)), checks.weights(weight, len(x))
        _learn(self.weights, self.squares, x, y, weight, self.rate, self.l2)
