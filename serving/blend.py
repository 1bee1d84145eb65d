"""From every task's probabilities to one order: the blend Σ weight · p, taken when the list is asked for."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from serving.problem import Problem

BLEND = "blend"


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
