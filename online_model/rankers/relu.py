"""ReLU ranker: a layer of units shared by the tasks, with a linear skip.

h = max(0, A x + b),   s_t(x) = (w + d_t) · x + (v + e_t) · h.
A starts random (normal / √width, by the seed), everything else at 0, so it begins as the linear ranker; the units
then find the products of features that a linear form cannot see. A row's arithmetic never involves another row.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.rankers.softmax import adagrad, slopes
from online_model.settings import ModelSettings


@njit(cache=True)
def _hidden(
    into: NDArray[np.float32], bias: NDArray[np.float32], row: NDArray[np.float32], h: NDArray[np.float32]
) -> None:
    """h[units] = b + A x, before the rectifier."""
    h[:] = bias
    for f in range(len(row)):
        value = row[f]
        if value != 0:
            for u in range(len(h)):
                h[u] += into[f, u] * value


@njit(cache=True, nogil=True)
def _score(
    into: NDArray[np.float32],
    bias: NDArray[np.float32],
    skip: NDArray[np.float32],
    top: NDArray[np.float32],
    x: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    tasks, units, width = len(skip) - 1, len(bias), x.shape[1]
    w, v = np.empty((width, tasks), np.float32), np.empty((units, tasks), np.float32)
    for t in range(tasks):
        w[:, t] = skip[0] + skip[1 + t]
        v[:, t] = top[0] + top[1 + t]
    h = np.empty(units, np.float32)
    for i in range(len(x)):
        _hidden(into, bias, x[i], h)
        out[i] = 0
        for f in range(width):
            if x[i, f] != 0:
                for t in range(tasks):
                    out[i, t] += w[f, t] * x[i, f]
        for u in range(units):
            if h[u] > 0:
                for t in range(tasks):
                    out[i, t] += v[u, t] * h[u]


@njit(cache=True, nogil=True)
def _learn(
    into: NDArray[np.float32],
    bias: NDArray[np.float32],
    skip: NDArray[np.float32],
    top: NDArray[np.float32],
    squares: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    x: NDArray[np.float32],
    odds: NDArray[np.float32],
    labels: NDArray[np.int8],
    task: int,
    chosen: int,
    rate: float,
) -> None:
    n, width = x.shape
    units = len(bias)
    w, v = skip[0] + skip[1 + task], top[0] + top[1 + task]
    h, scores, g = np.empty((n, units), np.float32), np.zeros(n, np.float32), np.empty(n, np.float32)
    for i in range(n):
        _hidden(into, bias, x[i], h[i])
        for f in range(width):
            scores[i] += w[f] * x[i, f]
        for u in range(units):
            scores[i] += v[u] * max(h[i, u], np.float32(0))
    slopes(scores, odds, labels, chosen, g)
    d_into, d_bias = np.zeros((width, units), np.float32), np.zeros(units, np.float32)
    d_skip, d_top = np.zeros(width, np.float32), np.zeros(units, np.float32)
    back = np.empty(units, np.float32)
    for i in range(n):
        for u in range(units):
            active = h[i, u] > 0
            back[u] = g[i] * v[u] if active else np.float32(0)
            d_top[u] += g[i] * h[i, u] if active else np.float32(0)
            d_bias[u] += back[u]
        for f in range(width):
            value = x[i, f]
            if value != 0:
                d_skip[f] += g[i] * value
                for u in range(units):
                    d_into[f, u] += back[u] * value
    adagrad(into.ravel(), squares[0].ravel(), d_into.ravel(), rate)
    adagrad(bias, squares[1], d_bias, rate)
    for part in (0, 1 + task):
        adagrad(skip[part], squares[2][part], d_skip, rate)
        adagrad(top[part], squares[3][part], d_top, rate)


class ReluRanker:
    """A: float32[width, units], b[units], skip (w, d): [1 + tasks, width], top (v, e): [1 + tasks, units]."""

    def __init__(self, width: int, tasks: int, settings: ModelSettings) -> None:
        units = settings.units
        self.rate = settings.learning_rate
        normal = np.random.Generator(np.random.PCG64(settings.seed)).standard_normal((width, units))
        self.weights = (
            (normal / math.sqrt(width)).astype(np.float32),
            np.zeros(units, np.float32),
            np.zeros((1 + tasks, width), np.float32),
            np.zeros((1 + tasks, units), np.float32),
        )
        self.squares = tuple(np.zeros_like(part) for part in self.weights)

    def score(self, x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """x[n, width] → out[n, tasks]; a row's scores depend on that row alone."""
        _score(*self.weights, x, out)

    def learn(
        self,
        x: NDArray[np.float32],
        odds: NDArray[np.float32],
        labels: NDArray[np.int8],
        task: int,
        chosen: int,
    ) -> None:
        """One choice (softmax.py): row `chosen` of x[n, width] over the rows with label 0 (labels[n])."""
        _learn(*self.weights, self.squares, x, odds, labels, task, chosen, self.rate)

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned: weights and AdaGrad's sums."""
        return (*self.weights, *self.squares)
