"""FTRL-proximal head: a probability from few weights, the others exactly 0."""

import math
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.heads.linear import dot, parts, probabilities, sigmoid
from online_model.tasks import TaskKind


@njit(cache=True)
def _weight(z: float, n: float, rate: float, start: float, l1: float, l2: float) -> float:
    if abs(z) <= l1:
        return 0.0
    return (math.copysign(l1, z) - z) / ((start + math.sqrt(n)) / rate + l2)


@njit(cache=True, nogil=True)
def _weights(
    z: NDArray[np.float32], n: NDArray[np.float32], rate: float, start: float, l1: float, l2: float
) -> NDArray[np.float32]:
    w = np.empty(len(z), np.float32)
    for f in range(len(z) - 1):
        w[f] = _weight(z[f], n[f], rate, start, l1, l2)
    w[-1] = _weight(z[-1], n[-1], rate, start, 0.0, 0.0)
    return w


@njit(cache=True, nogil=True)
def _learn(
    z: NDArray[np.float32],
    n: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    weight: NDArray[np.float32],
    rate: float,
    start: float,
    l1: float,
    l2: float,
) -> None:
    w, bias = _weights(z, n, rate, start, l1, l2), len(z) - 1
    for i in range(len(x)):
        slope = weight[i] * (sigmoid(dot(w, x[i]) + w[bias]) - y[i])
        for f in range(len(z)):
            g = slope * x[i, f] if f < bias else slope
            if g != 0:
                more = n[f] + g * g
                sigma = (
                    g * g / (math.sqrt(more) + math.sqrt(n[f])) / rate
                )  # (√more − √n) / α, without cancelling
                z[f] += g - sigma * w[f]
                n[f] = more
                w[f] = _weight(z[f], n[f], rate, start, l1 if f < bias else 0.0, l2 if f < bias else 0.0)


class FtrlHead:
    """p = σ(w · x + b); with g = weight · (p − y) x for each row, and for each weight
        σ = (√(n + g²) − √n) / rate,   z ← z + g − σ w,   n ← n + g²,
        w = 0 where |z| ≤ l1, else (sgn(z) l1 − z) / ((start + √n) / rate + l2).
    The bias has neither l1 nor l2. z, n: float32[width + 1].
    McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013, algorithm 1.

    >>> head, x = FtrlHead(2, rate=0.1, l1=0.3), np.array([[1, 0.5]], np.float32)
    >>> head.learn(x, np.ones(1, np.float32))  # z = −.5, −.25 (within l1), and −.5 for the bias
    >>> [round(w, 4) for w in head.weights.tolist()]
    [0.0133, 0.0, 0.0333]
    """

    kind: ClassVar[TaskKind] = "binary"

    def __init__(
        self, width: int, *, rate: float = 0.1, start: float = 1.0, l1: float = 0.1, l2: float = 0.0
    ) -> None:
        self.width = int(checks.number("width", width, 1, 1 << 20))
        self._settings = (
            checks.number("rate", rate, 1e-6, 10),
            checks.number("start", start, 1e-6, 1e6),
            checks.number("l1", l1, 0, 1e6),
            checks.number("l2", l2, 0, 1e6),
        )
        self.z, self.n = np.zeros(width + 1, np.float32), np.zeros(width + 1, np.float32)

    @property
    def weights(self) -> NDArray[np.float32]:
        """float32[width + 1], the bias last: follows from the state."""
        w: NDArray[np.float32] = _weights(self.z, self.n, *self._settings)
        return w

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
        _learn(self.z, self.n, x, y, weight, *self._settings)

    def explain(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[n, width + 1]: what each feature, and the bias last, adds to the logit."""
        return parts(self.weights, checks.rows(x, self.width))

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned: z and n; set, another head's is copied."""
        return self.z, self.n

    @state.setter
    def state(self, arrays: tuple[NDArray[np.float32], ...]) -> None:
        checks.put(self.state, arrays)
