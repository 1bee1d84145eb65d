"""Rows to learn, and what a head's predictions on them cost."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from river.linear_model import LinearRegression, LogisticRegression
from river.optim.losses import Poisson

from online_model.heads.river_adaptor import RiverHead
from online_model.heads.table import HEADS, Head
from online_model.tasks import TaskKind

Rows = NDArray[np.float32]


# Every head as it comes, the Bayesian one also as it forgets, and River's as they are adapted.
MAKE: dict[str, Callable[[int], Head | RiverHead]] = {
    **HEADS,
    "bayesian, forgetting": lambda width: HEADS["bayesian"](width, forget=1e-3),
    "logistic, ridge": lambda width: HEADS["logistic"](width, l2=1e-3),
    "river, binary": lambda width: RiverHead(width, LogisticRegression()),
    "river, regression": lambda width: RiverHead(width, LinearRegression(), "regression"),
    "river, count": lambda width: RiverHead(width, LinearRegression(loss=Poisson()), "count"),
}
OURS = [name for name in MAKE if not name.startswith("river")]
SPAN = {"binary": (0.0, 1.0), "regression": (1.0, 5.0), "count": (0.0, 1e4)}  # of the labels that heads take


def means(kind: TaskKind, x: Rows) -> NDArray[np.float64]:
    """The mean label of each row, in a world where it follows from a linear form."""
    s = x @ np.resize([1.5, -1.0, 0.5, 0.0], x.shape[1])
    if kind == "binary":
        return 1 / (1 + np.exp(-s))
    return 3 + np.tanh(s / 2) if kind == "regression" else np.exp(0.4 * s)


def stream(kind: TaskKind, n: int, width: int = 4, seed: int = 7) -> tuple[Rows, Rows]:
    """x[n, width], y[n] drawn around their means."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, width)).astype(np.float32)
    mean = means(kind, x)
    if kind == "binary":
        y = rng.random(n) < mean
    else:
        y = mean + rng.uniform(-0.5, 0.5, n) if kind == "regression" else rng.poisson(mean)
    return x, y.astype(np.float32)


def loss(kind: TaskKind, predicted: NDArray[np.floating], y: Rows) -> float:
    """Log loss, squared error or Poisson loss, mean of all rows."""
    p = predicted.astype(float)
    if kind == "binary":
        return float(-np.log(np.where(y == 1, p, 1 - p)).mean())
    return float(((p - y) ** 2).mean() if kind == "regression" else (p - y * np.log(p)).mean())
