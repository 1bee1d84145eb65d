"""What linear heads share: s = w · x + b, moved by AdaGrad row by row, and its exact explanation.

A head is its loss: ∂loss/∂s of one row (g). With ridge l2:
    slope = weight · (g x + l2 w),   G ← G + slope²,   w ← w − rate · slope / √(G + start),
and the same for b without l2.
Duchi, Hazan & Singer, "Adaptive subgradient methods", JMLR 2011.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.rankers.softmax import ADAGRAD_START

LIMIT = 15.0  # of a logit: as float32 no probability is 0 or 1, so log loss stays finite


@njit(cache=True)
def sigmoid(logit: float) -> float:
    """Of a logit cut to ± LIMIT."""
    return 1.0 / (1.0 + math.exp(-min(max(logit, -LIMIT), LIMIT)))


@njit(
    cache=True, fastmath={"reassoc", "nsz"}
)  # sums in lanes; one row's order never depends on the other rows
def dot(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """a · b over the length of b."""
    total = np.float32(0)
    for f in range(len(b)):
        total += a[f] * b[f]
    return float(total)


@njit(cache=True, error_model="numpy")  # no check for a division by 0 in the loop: it would not be vectorized
def step(
    weights: NDArray[np.float32],  # [width + 1], the bias last
    squares: NDArray[np.float32],
    x: NDArray[np.float32],  # [width]
    slope: float,  # weight · ∂loss/∂s
    ridge: float,  # weight · l2
    rate: float,
) -> None:
    """One AdaGrad step."""
    g, shrink, r = np.float32(slope), np.float32(ridge), np.float32(rate)
    for f in range(len(x)):
        d = g * x[f] + shrink * weights[f]
        squares[f] += d * d
        weights[f] -= r * d / np.sqrt(squares[f] + ADAGRAD_START)
    squares[-1] += g * g
    weights[-1] -= r * g / np.sqrt(squares[-1] + ADAGRAD_START)


@njit(cache=True, nogil=True)
def probabilities(weights: NDArray[np.float32], x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """out[i] = σ(w · x[i] + b)."""
    for i in range(len(x)):
        out[i] = sigmoid(dot(weights, x[i]) + weights[-1])


def parts(weights: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32[n, width + 1]: w x feature by feature, b last."""
    return np.concatenate([x, np.ones((len(x), 1), np.float32)], axis=1) * weights


class Linear:
    """weights (w, b), squares: float32[width + 1]. rate: the length of a step; l2: ridge on w."""

    def __init__(self, width: int, rate: float, l2: float) -> None:
        self.width = int(checks.number("width", width, 1, 1 << 20))
        self.rate = checks.number("rate", rate, 0, 10)
        self.l2 = checks.number("l2", l2, 0, 10)
        self.weights, self.squares = np.zeros(width + 1, np.float32), np.zeros(width + 1, np.float32)

    def explain(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[n, width + 1]: what each feature, and the bias last, adds to s; their sum is s."""
        return parts(self.weights, checks.rows(x, self.width))

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned: weights and AdaGrad's sums; set, another head's is copied."""
        return self.weights, self.squares

    @state.setter
    def state(self, arrays: tuple[NDArray[np.float32], ...]) -> None:
        checks.put(self.state, arrays)
