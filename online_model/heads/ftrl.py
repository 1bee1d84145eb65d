"""FTRL-proximal head: a probability from few weights, the others exactly 0."""

from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.heads.linear import dot, parts, probabilities, sigmoid
from online_model.tasks import TaskKind


@njit(cache=True, error_model="numpy")  # no check for a division by 0 in the loop: it would not be vectorized
def _weigh(
    w: NDArray[np.float32],
    z: NDArray[np.float32],
    n: NDArray[np.float32],
    rate: float,
    start: float,
    l1: float,
    l2: float,
) -> None:
    """w of z and n, for some features or for the bias."""
    within, ridge = np.float32(l1), np.float32(l2 + start / rate)
    share, zero = np.float32(1 / rate), np.float32(0)
    for f in range(len(z)):
        past = max(z[f] - within, zero) + min(z[f] + within, zero)
        w[f] = (zero - past) / (np.sqrt(n[f]) * share + ridge)


@njit(cache=True, error_model="numpy")
def _step(
    w: NDArray[np.float32],
    z: NDArray[np.float32],
    n: NDArray[np.float32],
    x: NDArray[np.float32],
    slope: float,
    rate: float,
) -> None:
    """z and n of a row's slope times its features."""
    s, share, tiny = np.float32(slope), np.float32(1 / rate), np.float32(1e-30)
    for f in range(len(z)):
        g = s * x[f]
        square = g * g
        more = n[f] + square
        sigma = square / (np.sqrt(more) + np.sqrt(n[f]) + tiny)  # √more − √n, without cancelling
        z[f] += g - sigma * share * w[f]
        n[f] = more


@njit(cache=True, nogil=True)
def _weights(
    z: NDArray[np.float32], n: NDArray[np.float32], rate: float, start: float, l1: float, l2: float
) -> NDArray[np.float32]:
    w = np.empty(len(z), np.float32)
    _weigh(w[:-1], z[:-1], n[:-1], rate, start, l1, l2)
    _weigh(w[-1:], z[-1:], n[-1:], rate, start, 0.0, 0.0)
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
    w, one = _weights(z, n, rate, start, l1, l2), np.ones(1, np.float32)
    for i in range(len(x)):
        slope = weight[i] * (sigmoid(dot(w, x[i]) + w[-1]) - y[i])
        _step(w[:-1], z[:-1], n[:-1], x[i], slope, rate)
        _weigh(w[:-1], z[:-1], n[:-1], rate, start, l1, l2)
        _step(w[-1:], z[-1:], n[-1:], one, slope, rate)
        _weigh(w[-1:], z[-1:], n[-1:], rate, start, 0.0, 0.0)


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
