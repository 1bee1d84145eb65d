"""ReLU ranker: a layer of units shared by the tasks, squared, with a linear skip.

h = max(0, A (x − mean) + b),   s_t(x) = (w + d_t) · x + (v + e_t) · h²,   mean: of the items chosen so far.
A starts random (normal · √(2 / width), by the seed), everything else at 0, so it begins as the linear ranker; the
units then find the products of features that a linear form cannot see: squared, a unit is one, where a plain one has
to be put together from several (So et al., "Primer", NeurIPS 2021; docs/quality.md says what it gave).
An item's arithmetic never involves another item.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.rankers.softmax import adagrad, slopes
from online_model.settings import ModelSettings

_TOGETHER = 2  # units in one pass over the features; `_score` is written out for two


@njit(cache=True)
def _used(x: NDArray[np.float32], f: int) -> int:
    """How many items there are up to the last with any of the features f … f + 3."""
    n: int = x.shape[1]
    while (
        n > 0 and x[f, n - 1] == 0 and x[f + 1, n - 1] == 0 and x[f + 2, n - 1] == 0 and x[f + 3, n - 1] == 0
    ):
        n -= 1
    return n


@njit(cache=True)
def layer(
    into: NDArray[np.float32], bias: NDArray[np.float32], x: NDArray[np.float32], h: NDArray[np.float32]
) -> None:
    """h[units, n] = max(0, A x + b): every item the same sums in the same order, however many items there are.

    Zeros at the end of the list are passed over, four features at a time, which changes no sum: candidates begin
    with the shopper's own items, and a third of the features are of these alone.
    """
    width, n = x.shape
    whole, zero = width - width % 4, np.float32(0)
    used = np.array([_used(x, f) for f in range(0, whole, 4)])
    for u in range(0, len(bias), _TOGETHER):
        g, k = h[u], h[u + 1]
        for i in range(n):
            g[i], k[i] = bias[u], bias[u + 1]
        for f in range(0, whole, 4):
            a0, a1, a2, a3 = into[f, u], into[f + 1, u], into[f + 2, u], into[f + 3, u]
            b0, b1, b2, b3 = into[f, u + 1], into[f + 1, u + 1], into[f + 2, u + 1], into[f + 3, u + 1]
            for i in range(used[f // 4]):
                x0, x1, x2, x3 = x[f, i], x[f + 1, i], x[f + 2, i], x[f + 3, i]
                g[i] += (a0 * x0 + a1 * x1) + (a2 * x2 + a3 * x3)
                k[i] += (b0 * x0 + b1 * x1) + (b2 * x2 + b3 * x3)
        for f in range(whole, width):
            for i in range(n):
                g[i] += into[f, u] * x[f, i]
                k[i] += into[f, u + 1] * x[f, i]
        for i in range(n):
            g[i], k[i] = max(g[i], zero), max(k[i], zero)


@njit(cache=True)
def output(
    w: NDArray[np.float32],
    v: NDArray[np.float32],
    x: NDArray[np.float32],
    h: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """out[n] = w · x + v · h."""
    out[:] = 0
    for f in range(len(w)):
        for i in range(len(out)):
            out[i] += w[f] * x[f, i]
    for u in range(len(v)):
        for i in range(len(out)):
            out[i] += v[u] * h[u, i]


@njit(cache=True)
def _from_middle(
    into: NDArray[np.float32], bias: NDArray[np.float32], mean: NDArray[np.float32]
) -> NDArray[np.float32]:
    """b − A mean, so that `layer` may pass over the zeros of x: A (x − mean) + b = A x + that."""
    moved = bias.copy()
    for f in range(len(mean)):
        for u in range(len(bias)):
            moved[u] -= into[f, u] * mean[f]
    return moved


@njit(cache=True, nogil=True)
def _score(
    into: NDArray[np.float32],
    bias: NDArray[np.float32],
    skip: NDArray[np.float32],
    top: NDArray[np.float32],
    mean: NDArray[np.float32],
    x: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    h = np.empty((len(bias), x.shape[1]), np.float32)
    layer(into, _from_middle(into, bias, mean), x, h)
    h *= h
    for t in range(len(out)):
        output(skip[0] + skip[1 + t], top[0] + top[1 + t], x, h, out[t])


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
    learned: NDArray[np.float32],  # [1], the choices that it is the mean of
    x: NDArray[np.float32],
    odds: NDArray[np.float32],
    labels: NDArray[np.int8],
    task: int,
    chosen: int,
    rate: float,
) -> None:
    width, n = x.shape
    units = len(bias)
    v = top[0] + top[1 + task]
    h, scores, g = np.empty((units, n), np.float32), np.empty(n, np.float32), np.empty(n, np.float32)
    layer(into, _from_middle(into, bias, mean), x, h)
    output(skip[0] + skip[1 + task], v, x, h * h, scores)
    slopes(scores, odds, labels, chosen, g)
    d_into, d_bias = np.zeros((width, units), np.float32), np.zeros(units, np.float32)
    d_skip, d_top = np.zeros(width, np.float32), np.zeros(units, np.float32)
    back, two = np.empty(units, np.float32), np.float32(2)  # ∂loss/∂(A x + b) of one item
    for i in range(n):
        for u in range(units):
            d_top[u] += g[i] * h[u, i] * h[u, i]
            back[u] = two * g[i] * v[u] * h[u, i]
            d_bias[u] += back[u]
        for f in range(width):
            value = x[f, i]
            if value != 0:  # two thirds of the features are 0
                d_skip[f] += g[i] * value
                for u in range(units):
                    d_into[f, u] += back[u] * value
    for f in range(width):
        for u in range(units):
            d_into[f, u] -= d_bias[u] * mean[f]
    adagrad(into.ravel(), squares_into.ravel(), d_into.ravel(), rate)
    adagrad(bias, squares_bias, d_bias, rate)
    for part in (0, 1 + task):
        adagrad(skip[part], squares_skip[part], d_skip, rate)
        adagrad(top[part], squares_top[part], d_top, rate)
    learned[0] += 1
    mean += (x[:, chosen] - mean) / learned[0]


def relu_parts(
    weights: tuple[NDArray[np.float32], ...], x: NDArray[np.float32], task: int, power: int = 1
) -> NDArray[np.float64]:
    """float64[width + 1]: what each feature of one item x[width], and the biases last, adds to s_task.

    Exact: with units to a power p, v · hᵖ = v₊ · (A x + b) where v₊ = v hᵖ⁻¹, and 0 for a unit that sleeps, so
    s = (w + A v₊) · x + b · v₊.
    """
    into, bias, skip, top = (part.astype(np.float64) for part in weights)
    h = np.maximum(x @ into + bias, 0)
    live = (top[0] + top[1 + task]) * (h > 0) * h ** (power - 1)
    return np.append((skip[0] + skip[1 + task] + into @ live) * x, bias @ live)


class ReluRanker:
    """A: float32[width, units], b[units], skip (w, d): [1 + tasks, width], top (v, e): [1 + tasks, units].
    mean: float32[width] of the items chosen.
    """

    def __init__(self, width: int, tasks: int, settings: ModelSettings) -> None:
        units = settings.units
        if units < _TOGETHER or units % _TOGETHER:
            raise ValueError(f"units must be a multiple of {_TOGETHER}; got {units}")
        self.rate = settings.learning_rate
        normal = np.random.Generator(np.random.PCG64(settings.seed)).standard_normal((width, units))
        self.weights = (
            (normal * math.sqrt(2 / width)).astype(np.float32),
            np.zeros(units, np.float32),
            np.zeros((1 + tasks, width), np.float32),
            np.zeros((1 + tasks, units), np.float32),
        )
        into, bias, skip, top = self.weights
        self.squares = (np.zeros_like(into), np.zeros_like(bias), np.zeros_like(skip), np.zeros_like(top))
        self.mean, self._learned = np.zeros(width, np.float32), np.zeros(1, np.float32)

    def score(self, x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """x[width, n] → out[tasks, n]; an item's scores depend on its own column alone."""
        _score(*self.weights, self.mean, x, out)

    def learn(
        self,
        x: NDArray[np.float32],
        odds: NDArray[np.float32],
        labels: NDArray[np.int8],
        task: int,
        chosen: int,
    ) -> None:
        """One choice (softmax.py): item `chosen` of x[width, n] over those with label 0 (labels[n])."""
        mean, learned = self.mean, self._learned
        _learn(*self.weights, *self.squares, mean, learned, x, odds, labels, task, chosen, self.rate)

    def explain(self, x: NDArray[np.float32], task: int) -> NDArray[np.float64]:
        """See relu_parts."""
        into, bias, skip, top = self.weights
        return relu_parts((into, _from_middle(into, bias, self.mean), skip, top), x, task, power=2)

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned: weights, AdaGrad's sums, and the mean with the number of its choices."""
        return (*self.weights, *self.squares, self.mean, self._learned)
