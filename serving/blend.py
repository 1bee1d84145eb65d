"""From every task's probabilities to one order: the blend Σ weight · p, taken when the list is asked for."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from serving.problem import Problem

BLEND = "blend"
DECIMALS = 1e6  # a score is rounded to six decimals: halves carry three or four digits


def _shortest() -> NDArray[np.float64]:
    """Each half-precision number as the shortest decimal that names it: JSON then reads .123, not .12298583984375."""
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    return np.array([float(str(half)) for half in halves])


HALVES = _shortest()


class Best(NamedTuple):
    """The first k of a list. places: where each lay in the published list; scores and p of each in the same order."""

    places: list[int]
    scores: list[float]
    p: list[list[float]]


def probabilities(p: bytes, tasks: int) -> NDArray[np.float64]:
    """float64[n, tasks] of half-precision bytes as a published list holds them.

    >>> probabilities(np.float16([.1, .25]).tobytes(), 2).tolist()
    [[0.1, 0.25]]
    """
    return HALVES.take(np.frombuffer(p, np.uint16)).reshape(-1, tasks)


def best(
    p: NDArray[np.float64], weights: NDArray[np.float64], k: int, allowed: list[int] | None = None
) -> Best:
    """The k places of the highest Σ weight · p, among `allowed` if it is given; ties stay in the list's own order."""
    scores = np.rint(p.dot(weights) * DECIMALS) / DECIMALS
    order = (-scores).argsort(kind="stable")
    if allowed is not None:
        order = order[np.isin(order, allowed)]
    order = order[:k]
    return Best(order.tolist(), scores.take(order).tolist(), p.take(order, axis=0).tolist())


class Weighing:
    """What one score is made of: the tasks' weights, as the settings or a request give them."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """weights: task → its worth, in the order of the published probabilities."""
        self.tasks = tuple(weights)
        self.default = np.array(list(weights.values()), np.float64)

    def of(self, objective: str, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """float64[tasks] for a request's objective and weights; a Problem 400 where they name no task."""
        if objective == BLEND:
            return self._named(weights) if weights else self.default
        if weights:
            raise Problem(400, f"weights belong to objective=blend; got objective={objective!r} with them")
        if objective not in self.tasks:
            raise Problem(400, f"objective is blend or one of {self._said()}; got {objective!r}")
        return np.array([float(task == objective) for task in self.tasks])

    def _named(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        for task, weight in weights.items():
            if task not in self.tasks:
                raise Problem(
                    400, f"weights takes tasks, such as {self.tasks[0]}:1, of {self._said()}; got {task!r}"
                )
            if not math.isfinite(weight):
                raise Problem(400, f"weights takes finite numbers; got {task}:{weight}")
        return np.array([weights.get(task, 0.0) for task in self.tasks])

    def _said(self) -> str:
        return ", ".join(self.tasks)


def parts(p: Sequence[float], weights: Sequence[float]) -> list[float]:
    """What each task adds to the score.

    >>> parts([0.5, 0.1], [1.0, -4.0])
    [0.5, -0.4]
    """
    return [round(share * weight, 6) for share, weight in zip(p, weights, strict=True)]
