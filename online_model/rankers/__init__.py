"""What orders a list. A ranker is `score(x, out)`, `learn(x, odds, labels, task, chosen)`, `explain(x, task)` and
`state`; a new one is a file and a line here.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from online_model.rankers.linear import LinearRanker
from online_model.rankers.relu import ReluRanker
from online_model.settings import ModelSettings

__all__ = ["RANKERS", "LinearRanker", "Ranker", "ReluRanker"]


class Ranker(Protocol):
    """See the methods of LinearRanker."""

    def __init__(self, width: int, tasks: int, settings: ModelSettings) -> None: ...

    def score(self, x: NDArray[np.float32], out: NDArray[np.float32]) -> None: ...

    def learn(
        self,
        x: NDArray[np.float32],
        odds: NDArray[np.float32],
        labels: NDArray[np.int8],
        task: int,
        chosen: int,
    ) -> None: ...

    def explain(self, x: NDArray[np.float32], task: int) -> NDArray[np.float64]: ...

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]: ...


RANKERS: dict[str, type[Ranker]] = {"linear": LinearRanker, "relu": ReluRanker}
