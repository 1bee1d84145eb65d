"""Bayesian logistic head: a probability that knows how sure it is, for exploring and for drift."""

import math
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.heads.linear import dot, parts, sigmoid
from online_model.tasks import TaskKind

_NEWTON = 100  # steps at most: a margin rises by one a step, up to log(variance · weight) < 60; common rows take four


@njit(cache=True)
def _project(root: NDArray[np.float32], x: NDArray[np.float32], v: NDArray[np.float32]) -> float:
    """v = Rᵀ [x, 1]; its square |v|² = [x, 1]ᵀ Σ [x, 1] is the variance of the logit."""
    v[:] = root[-1]
    whole = len(x) - len(x) % 4
    for f in range(0, whole, 4):  # four rows in a pass over v take two thirds of the time
        x0, x1, x2, x3 = x[f], x[f + 1], x[f + 2], x[f + 3]
        for j in range(len(v)):
            v[j] += (x0 * root[f, j] + x1 * root[f + 1, j]) + (x2 * root[f + 2, j] + x3 * root[f + 3, j])
    for f in range(whole, len(x)):
        for j in range(len(v)):
            v[j] += x[f] * root[f, j]
    return dot(v, v)


@njit(cache=True)
def _miss(margin: float, variance: float, weight: float) -> float:
    """1 − p(label) at the mode, where margin ← margin + variance · weight · miss,   miss = 1 / (1 + exp(margin)).

    Newton's method. The start makes it monotone: at the mode's side of 0, where the curve bends one way only.
    """
    at, miss = max(margin, 0.0), 0.0
    for _ in range(_NEWTON):
        miss = 1.0 / (1.0 + math.exp(min(at, 700.0)))
        pull = variance * weight * miss
        step = (margin + pull - at) / (1.0 + pull * (1.0 - miss))
        at += step
        if abs(step) < 1e-6 * (1.0 + abs(at)):
            break
    return miss


@njit(cache=True)  # a function of its own, as _wear: in one loop they take 2.5 times as long
def _condition(
    mean: NDArray[np.float32], root: NDArray[np.float32], v: NDArray[np.float32], pull: float, shrink: float
) -> None:
    """m ← m + pull · R v,   R ← R − shrink · (R v) vᵀ."""
    for j in range(len(mean)):
        row = root[j]
        along = dot(row, v)
        mean[j] += np.float32(pull * along)
        down = np.float32(shrink * along)
        for k in range(len(row)):
            row[k] -= down * v[k]


@njit(cache=True, error_model="numpy")
def _wear(root: NDArray[np.float32], grow: float, prior: float) -> None:
    """Every weight's deviation (the length of its row) grows, to `prior` at most."""
    for j in range(len(root)):
        row = root[j]
        deviation = math.sqrt(dot(row, row))
        times = np.float32(grow if deviation * grow <= prior else prior / deviation)
        for k in range(len(row)):
            row[k] *= times


@njit(cache=True, nogil=True)
def _learn(
    mean: NDArray[np.float32],
    root: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    weight: NDArray[np.float32],
    prior: float,
    forget: float,
) -> None:
    v, grow = np.empty(len(mean), np.float32), 1.0 / math.sqrt(1.0 - forget)
    for i in range(len(x)):
        if weight[i] == 0:
            continue
        variance = _project(root, x[i], v)
        logit = dot(mean, x[i]) + mean[-1]
        side = 2.0 * y[i] - 1.0
        miss = _miss(side * logit, variance, weight[i])
        r = weight[i] * miss * (1.0 - miss)
        t = math.sqrt(1.0 + r * variance)
        _condition(mean, root, v, side * weight[i] * miss, r / (t * (t + 1.0)))
        if forget > 0:
            _wear(root, grow, prior)


@njit(cache=True, nogil=True)
def _logits(
    mean: NDArray[np.float32],
    root: NDArray[np.float32],
    x: NDArray[np.float32],
    logits: NDArray[np.float32],
    variances: NDArray[np.float32],
) -> None:
    v = np.empty(len(mean), np.float32)
    for i in range(len(x)):
        logits[i] = dot(mean, x[i]) + mean[-1]
        variances[i] = _project(root, x[i], v)


@njit(cache=True, nogil=True)
def _moderate(logits: NDArray[np.float32], variances: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """MacKay, "The evidence framework applied to classification networks", Neural Computation 1992."""
    for i in range(len(logits)):
        out[i] = sigmoid(logits[i] / math.sqrt(1.0 + math.pi * variances[i] / 8.0))


class BayesianHead:
    """w ~ N(m, Σ) from N(0, prior²); Laplace's approximation anew at each row (x ends with a 1 for the bias):
        m ← argmax_w  weight · log p(y | w · x) + log N(w; m, Σ),   Σ⁻¹ ← Σ⁻¹ + weight · p (1 − p) x xᵀ at that m,
        p = σ(m · x / √(1 + π xᵀΣx / 8))   (the mean of σ(w · x), by MacKay's approximation).
    Kept as Σ = R Rᵀ, so that rounding cannot make a variance negative (Potter's update; Bierman, "Factorization
    methods for discrete sequential estimation", 1977). m: float32[width + 1], R: float32[width + 1, width + 1].
    forget: the share of what is known that each row with a weight wears away: Σ ← Σ / (1 − forget), no weight's
    deviation beyond its prior (West, Harrison & Migon, JASA 1985).
    Spiegelhalter & Lauritzen, "Sequential updating of conditional probabilities", Networks 1990.

    >>> head, x = BayesianHead(1, prior=2.0), np.array([[1]], np.float32)
    >>> before = head.deviation(x)  # w + b, each with a deviation of 2
    >>> head.learn(x, np.ones(1, np.float32))
    >>> [round(float(z[0]), 3) for z in (before, head.deviation(x), head.predict(x))]
    [2.828, 1.904, 0.721]
    """

    kind: ClassVar[TaskKind] = "binary"

    def __init__(self, width: int, *, prior: float = 1.0, forget: float = 0.0) -> None:
        self.width = int(checks.number("width", width, 1, 4096))
        self.prior = checks.number("prior", prior, 1e-3, 1e3)
        self.forget = checks.number("forget", forget, 0, 0.5)
        self.mean = np.zeros(width + 1, np.float32)
        self.root = np.eye(width + 1, dtype=np.float32) * np.float32(prior)

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x[n, width] → probabilities float32[n], drawn to .5 where the weights are not known well."""
        logits, variances = self._logits(x)
        out = np.empty(len(logits), np.float32)
        _moderate(logits, variances, out)
        return out

    def deviation(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x[n, width] → the logits' standard deviations float32[n]: how unsure the head is."""
        return np.sqrt(self._logits(x)[1])

    def sample(self, x: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
        """x[n, width] → probabilities float32[n] under one draw of the weights, the same for all rows.

        To rank a list by it is to try an item as often as it may be the best (Thompson, Biometrika 1933).
        """
        x = checks.rows(x, self.width)
        drawn = self.mean + self.root @ rng.standard_normal(self.width + 1, np.float32)
        out = np.empty(len(x), np.float32)
        _moderate(x @ drawn[:-1] + drawn[-1], np.zeros(len(x), np.float32), out)
        return out

    def learn(
        self, x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[np.float32] | None = None
    ) -> None:
        """Rows x[n, width] with labels y[n] of 0 or 1, in order: one by one learns the same, bit for bit."""
        x = checks.rows(x, self.width)
        y, weight = checks.binary_labels(y, len(x)), checks.weights(weight, len(x))
        _learn(self.mean, self.root, x, y, weight, self.prior, self.forget)

    def explain(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[n, width + 1]: what each feature, and the bias last, adds to the logit of what is predicted."""
        moderated = np.sqrt(1 + np.float32(math.pi / 8) * self._logits(x)[1])
        shares: NDArray[np.float32] = parts(self.mean, checks.rows(x, self.width)) / moderated[:, None]
        return shares

    def _logits(self, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        x = checks.rows(x, self.width)
        logits, variances = np.empty(len(x), np.float32), np.empty(len(x), np.float32)
        _logits(self.mean, self.root, x, logits, variances)
        return logits, variances

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned: m and R; set, another head's is copied."""
        return self.mean, self.root

    @state.setter
    def state(self, arrays: tuple[NDArray[np.float32], ...]) -> None:
        checks.put(self.state, arrays)
