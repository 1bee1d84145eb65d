"""MLP head: a probability from a layer of ReLU units, with a linear skip."""

import math
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.heads.linear import dot, parts, sigmoid, step
from online_model.rankers.softmax import ADAGRAD_START
from online_model.tasks import TaskKind


@njit(cache=True)
def _units(
    into: NDArray[np.float32], bias: NDArray[np.float32], x: NDArray[np.float32], h: NDArray[np.float32]
) -> None:
    """h = max(0, A x + b)."""
    for u in range(len(h)):
        h[u] = max(dot(into[u], x) + bias[u], 0.0)


@njit(cache=True, error_model="numpy")
def _step(
    weights: NDArray[np.float32],
    squares: NDArray[np.float32],
    slope: NDArray[np.float32],
    times: float,
    rate: float,
) -> None:
    """One AdaGrad step along times · slope."""
    t, r = np.float32(times), np.float32(rate)
    for u in range(len(slope)):
        d = t * slope[u]
        squares[u] += d * d
        weights[u] -= r * d / np.sqrt(squares[u] + ADAGRAD_START)


@njit(cache=True, nogil=True)
def _predict(
    into: NDArray[np.float32],
    bias: NDArray[np.float32],
    skip: NDArray[np.float32],
    top: NDArray[np.float32],
    x: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    h = np.empty(len(bias), np.float32)
    for i in range(len(x)):
        _units(into, bias, x[i], h)
        out[i] = sigmoid(dot(skip, x[i]) + skip[-1] + dot(top, h))


@njit(cache=True, nogil=True)
def _learn(
    into: NDArray[np.float32],
    bias: NDArray[np.float32],
    skip: NDArray[np.float32],
    top: NDArray[np.float32],
    squares_into: NDArray[np.float32],
    squares_bias: NDArray[np.float32],
    squares_skip: NDArray[np.float32],
    squares_top: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    weight: NDArray[np.float32],
    rate: float,
) -> None:
    h, back = np.empty(len(bias), np.float32), np.empty(len(bias), np.float32)
    for i in range(len(x)):
        _units(into, bias, x[i], h)
        g = weight[i] * (sigmoid(dot(skip, x[i]) + skip[-1] + dot(top, h)) - y[i])
        for u in range(len(h)):
            back[u] = top[u] if h[u] > 0 else np.float32(0)
        step(skip, squares_skip, x[i], g, 0.0, rate)
        _step(top, squares_top, h, g, rate)
        _step(bias, squares_bias, back, g, rate)
        for u in range(len(h)):
            if back[u] != 0:
                _step(into[u], squares_into[u], x[i], g * back[u], rate)


class MlpHead:
    """p = σ(w · x + c + v · h),   h = max(0, A x + b),   by AdaGrad on log loss.

    A starts random (normal / √width, by the seed), everything else at 0: it begins as the linear head, and the units
    then find what a linear form cannot see. A: float32[units, width], b, v: [units], (w, c): [width + 1].

    >>> head = MlpHead(2, units=8, rate=0.3)
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    >>> for _ in range(200): head.learn(x, np.array([0, 1, 1, 0], np.float32))
    >>> head.predict(x).round().tolist()  # one or the other: no line tells these apart
    [0.0, 1.0, 1.0, 0.0]
    """

    kind: ClassVar[TaskKind] = "binary"

    def __init__(self, width: int, *, units: int = 32, rate: float = 0.05, seed: int = 7) -> None:
        self.width = int(checks.number("width", width, 1, 1 << 20))
        units = int(checks.number("units", units, 1, 4096))
        self.rate = checks.number("rate", rate, 0, 10)
        normal = np.random.Generator(np.random.PCG64(seed)).standard_normal((units, width))
        self.weights = (
            (normal / math.sqrt(width)).astype(np.float32),
            np.zeros(units, np.float32),
            np.zeros(width + 1, np.float32),
            np.zeros(units, np.float32),
        )
        into, bias, skip, top = self.weights
        self.squares = (np.zeros_like(into), np.zeros_like(bias), np.zeros_like(skip), np.zeros_like(top))

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x[n, width] → probabilities float32[n]."""
        x = checks.rows(x, self.width)
        out = np.empty(len(x), np.float32)
        _predict(*self.weights, x, out)
        return out

    def learn(
        self, x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[np.float32] | None = None
    ) -> None:
        """Rows x[n, width] with labels y[n] of 0 or 1, in order: one by one learns the same, bit for bit."""
        x = checks.rows(x, self.width)
        y, weight = checks.binary_labels(y, len(x)), checks.weights(weight, len(x))
        _learn(*self.weights, *self.squares, x, y, weight, self.rate)

    def explain(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[n, width + 1]: what each feature, and the biases last, adds to the logit.

        Exact: between two kinks of its units the logit is linear in x, with weights w + Aᵀ (v where h > 0).
        """
        x = checks.rows(x, self.width)
        into, bias, skip, top = self.weights
        live = (x @ into.T + bias > 0) * top
        out = parts(skip, x)
        out[:, :-1] += (live @ into) * x
        out[:, -1] += live @ bias
        return out

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned: weights and AdaGrad's sums; set, another head's is copied."""
        return (*self.weights, *self.squares)

    @state.setter
    def state(self, arrays: tuple[NDArray[np.float32], ...]) -> None:
        checks.put(self.state, arrays)
