"""Any estimator of River as a head. River itself is not imported here: what is asked of it are three methods."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from online_model.heads import checks
from online_model.tasks import TaskKind

_LABELS: dict[TaskKind, tuple[float, float]] = {
    "binary": (0, 1),
    "regression": (-checks.LARGEST, checks.LARGEST),
    "count": (0, checks.LARGEST),
}


class RiverHead:
    """p = estimator.predict_proba_one(row)[True], or for values and counts estimator.predict_one(row).

    estimator: a classifier or regressor of River (or a pipeline that ends with one), which sees a row as
    {column: number}. What it predicts is cut to the range of its kind; before it knows anything .5, or 0.
    A weight is how often a row is learned, so it must be whole. Memory is the estimator's own matter, and so are time
    (it is Python, row by row) and what it raises. It has all of a head but `explain`.
    """

    def __init__(self, width: int, estimator: Any, kind: TaskKind = "binary") -> None:
        self.width, self.kind = int(checks.number("width", width, 1, 1 << 20)), kind
        self.low, self.high = _LABELS[kind]
        self.estimator = estimator

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x[n, width] → probabilities, values or mean counts float32[n]."""
        return np.array([self._predict_one(row) for row in _dicts(checks.rows(x, self.width))], np.float32)

    def learn(
        self, x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[np.float32] | None = None
    ) -> None:
        """Rows x[n, width] with labels y[n], in order, each `weight` times; one by one is the same."""
        x = checks.rows(x, self.width)
        binary = self.kind == "binary"
        y = checks.binary_labels(y, len(x)) if binary else checks.labels(y, len(x), self.low, self.high)
        times = checks.weights(weight, len(x))
        if (times % 1 != 0).any():
            row = int((times % 1 != 0).argmax())
            raise ValueError(
                f"wanted whole weights, which a River head learns so often; row {row} has {times[row]}"
            )
        for features, label, count in zip(_dicts(x), y.tolist(), times.tolist(), strict=True):
            for _ in range(int(count)):
                self.estimator.learn_one(features, bool(label) if binary else label)

    def _predict_one(self, row: dict[int, float]) -> float:
        if self.kind == "binary":
            shares = self.estimator.predict_proba_one(row)
            value = shares.get(True, 0.0) if shares else 0.5
        else:
            value = self.estimator.predict_one(row) or 0.0
        return min(max(value, self.low), self.high) if value == value else (self.low + self.high) / 2

    @property
    def state(self) -> tuple[NDArray[np.uint8], ...]:
        """The estimator, pickled. Set only from a place you trust: a pickle runs code."""
        return (np.frombuffer(pickle.dumps(self.estimator), np.uint8),)

    @state.setter
    def state(self, arrays: tuple[NDArray[np.uint8], ...]) -> None:
        self.estimator = pickle.loads(arrays[0].tobytes())  # noqa: S301 - see above


def _dicts(x: NDArray[np.float32]) -> list[dict[int, float]]:
    return [dict(enumerate(row)) for row in x.tolist()]
