"""Hinge head: a linear support vector machine, its margin made a probability."""

from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.heads.linear import Linear, dot, sigmoid, step
from online_model.tasks import TaskKind

_SURE = 10.0  # margins beyond ± this are told apart no further: one far row would stop Platt's slope for good


@njit(cache=True)
def _margin(weights: NDArray[np.float32], x: NDArray[np.float32]) -> float:
    return min(max(dot(weights, x) + float(weights[-1]), -_SURE), _SURE)


@njit(cache=True, nogil=True)
def _predict(
    weights: NDArray[np.float32], platt: NDArray[np.float32], x: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    for i in range(len(x)):
        out[i] = sigmoid(platt[0] * _margin(weights, x[i]) + platt[1])


@njit(cache=True, nogil=True)
def _learn(
    weights: NDArray[np.float32],
    squares: NDArray[np.float32],
    platt: NDArray[np.float32],
    squares_platt: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    weight: NDArray[np.float32],
    rate: float,
    l2: float,
) -> None:
    margin = np.empty(1, np.float32)
    for i in range(len(x)):
        margin[0] = _margin(weights, x[i])
        p = sigmoid(platt[0] * margin[0] + platt[1])
        step(platt, squares_platt, margin, weight[i] * (p - y[i]), 0.0, rate)
        side = 2.0 * y[i] - 1.0
        slope = -side if side * margin[0] < 1.0 else 0.0
        step(weights, squares, x[i], weight[i] * slope, weight[i] * l2, rate)


class HingeHead(Linear):
    """loss = max(0, 1 − ỹ s), ỹ = 2 y − 1, with ridge l2: a support vector machine (Shalev-Shwartz et al., "Pegasos",
    2011), by AdaGrad (linear.py).   p = σ(a s + c), with a and c from log loss on the margins of rows that were not
    learned yet (Platt, "Probabilistic outputs for support vector machines", 1999). s counts within ± 10.

    >>> head, x = HingeHead(1), np.array([[1]], np.float32)
    >>> for _ in range(50): head.learn(x, np.ones(1, np.float32))
    >>> round(float(head.weights.sum()), 2)  # the margin: past 1 only the ridge moves it
    1.0
    """

    kind: ClassVar[TaskKind] = "binary"

    def __init__(self, width: int, *, rate: float = 0.1, l2: float = 1e-4) -> None:
        super().__init__(width, rate, l2)
        self.platt, self.squares_platt = np.array([1, 0], np.float32), np.zeros(2, np.float32)

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x[n, width] → probabilities float32[n]."""
        x = checks.rows(x, self.width)
        out = np.empty(len(x), np.float32)
        _predict(self.weights, self.platt, x, out)
        return out

    def learn(
        self, x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[np.float32] | None = None
    ) -> None:
        """Rows x[n, width] with labels y[n] of 0 or 1, in order: one by one learns the same, bit for bit."""
        x = checks.rows(x, self.width)
        y, weight = checks.binary_labels(y, len(x)), checks.weights(weight, len(x))
        _learn(self.weights, self.squares, self.platt, self.squares_platt, x, y, weight, self.rate, self.l2)

    def explain(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[n, width + 1]: what each feature, and the bias last, adds to a s + c, s not cut."""
        slope, offset = self.platt.tolist()
        out = super().explain(x) * np.float32(slope)
        out[:, -1] += np.float32(offset)
        return out

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned: weights, Platt's a and c, and AdaGrad's sums; set, another head's is copied."""
        return self.weights, self.squares, self.platt, self.squares_platt

    @state.setter
    def state(self, arrays: tuple[NDArray[np.float32], ...]) -> None:
        checks.put(self.state, arrays)
