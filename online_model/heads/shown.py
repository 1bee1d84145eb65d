"""What a shopper does with an item that is shown: one probability a task, over units that the tasks share.

h = max(0, A x + b),   s_t = (w + d_t) · x + (v + e_t) · h,   p_t = σ(s_t),   x = z − mean of the rows learned so far,
z = features and context of the item. Learned row by row: ∂loss/∂s_t = weight · (p_t − y_t), AdaGrad, which takes
straighter steps from the middle of the rows (docs/labels.md says what that gave). The form of rankers/relu.py, its
units not squared; where that one compares the items of a list, this one says how likely each is, which needs pages
that were shown.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.rankers.relu import layer, output, relu_parts
from online_model.rankers.softmax import adagrad
from online_model.settings import ModelSettings


@njit(cache=True)
def _sigmoid(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(logit, -30.0), 30.0)))


@njit(cache=True, nogil=True)
def _predict(
    into: NDArray[np.float32],
    bias: NDArray[np.float32],
    skip: NDArray[np.float32],
    top: NDArray[np.float32],
    mean: NDArray[np.float32],
    z: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    n, x = z.shape[1], z - mean.reshape(-1, 1)
    h, score = np.empty((len(bias), n), np.float32), np.empty(n, np.float32)
    layer(into, bias, x, h)
    for t in range(out.shape[1]):
        output(skip[0] + skip[1 + t], top[0] + top[1 + t], x, h, score)
        for i in range(n):
            out[i, t] = _sigmoid(score[i])


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
    mean: NDArray[np.float32],
    learned: int,  # the rows that it is the mean of
    z: NDArray[np.float32],  # [width, n]
    y: NDArray[np.int8],  # [n, tasks], −1: the task takes no part
    weight: NDArray[np.float32],  # [n, tasks]
    rate: float,
) -> int:
    """One AdaGrad step for each row, in order. How many rows taught anything."""
    (width, n), (units, tasks) = z.shape, (len(bias), y.shape[1])
    x, h, score = np.empty((width, 1), np.float32), np.empty((units, 1), np.float32), np.empty(1, np.float32)
    g, back, d_into = np.empty(tasks, np.float32), np.empty(units, np.float32), np.empty(units, np.float32)
    d_skip, d_top = np.empty(width, np.float32), np.empty(units, np.float32)
    rows = 0
    for i in range(n):
        x[:, 0] = z[:, i] - mean
        layer(into, bias, x, h)
        taught = False
        for t in range(tasks):
            g[t] = 0
            if y[i, t] >= 0:
                output(skip[0] + skip[1 + t], top[0] + top[1 + t], x, h, score)
                g[t] = weight[i, t] * (_sigmoid(score[0]) - y[i, t])
                taught = True
        if not taught:
            continue
        rows += 1
        back[:] = 0
        for t in range(tasks):
            if g[t] != 0:
                for u in range(units):
                    d_top[u] = g[t] * h[u, 0]
                    if h[u, 0] > 0:
                        back[u] += g[t] * (top[0, u] + top[1 + t, u])
                for f in range(width):
                    d_skip[f] = g[t] * x[f, 0]
                for part in (0, 1 + t):
                    adagrad(skip[part], squares_skip[part], d_skip, rate)
                    adagrad(top[part], squares_top[part], d_top, rate)
        adagrad(bias, squares_bias, back, rate)
        for f in range(width):
            for u in range(units):
                d_into[u] = back[u] * x[f, 0]
            adagrad(into[f], squares_into[f], d_into, rate)
        mean += x[:, 0] / np.float32(learned + rows)
    return rows


class ShownHeads:
    """A: float32[width, units], b[units], skip (w, d): [1 + tasks, width], top (v, e): [1 + tasks, units].
    mean: float32[width] of the rows learned, of which there are `rows`.
    """

    def __init__(self, width: int, tasks: int, settings: ModelSettings) -> None:
        self.rate, units = settings.shown_rate, settings.shown_units
        normal = np.random.Generator(np.random.PCG64(settings.seed)).standard_normal((width, units))
        self.weights = (
            (normal / math.sqrt(width)).astype(np.float32),
            np.zeros(units, np.float32),
            np.zeros((1 + tasks, width), np.float32),
            np.zeros((1 + tasks, units), np.float32),
        )
        into, bias, skip, top = self.weights
        self.squares = (np.zeros_like(into), np.zeros_like(bias), np.zeros_like(skip), np.zeros_like(top))
        self.mean, self.rows = np.zeros(width, np.float32), 0

    def probabilities(self, z: NDArray[np.float32]) -> NDArray[np.float32]:
        """z[width, n] → float32[n, tasks]; an item's probabilities depend on its own column alone."""
        out = np.empty((z.shape[1], len(self.weights[2]) - 1), np.float32)
        _predict(*self.weights, self.mean, z, out)
        return out

    def learn(self, z: NDArray[np.float32], y: NDArray[np.int8], weight: NDArray[np.float32]) -> int:
        """Rows z[width, n] with y[n, tasks] (1, 0, or −1: no part) and its weights, in order; the number of them that
        taught something.
        """
        taught = int(_learn(*self.weights, *self.squares, self.mean, self.rows, z, y, weight, self.rate))
        self.rows += taught
        return taught

    def explain(self, z: NDArray[np.float32], task: int) -> NDArray[np.float64]:
        """float64[width + 1]: what each feature of one item z[width] adds to s_task, beside its mean, and the biases
        last; exact.
        """
        return relu_parts(self.weights, z - self.mean, task)

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned but `rows`: weights, AdaGrad's sums, and the mean."""
        return (*self.weights, *self.squares, self.mean)
