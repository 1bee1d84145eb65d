"""Every head by its name. A head is one task's prediction, learned row by row; a new one is a file and a line here."""

from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from online_model.heads.bayesian import BayesianHead
from online_model.heads.ftrl import FtrlHead
from online_model.heads.hinge import HingeHead
from online_model.heads.huber import HuberHead
from online_model.heads.logistic import LogisticHead
from online_model.heads.mlp import MlpHead
from online_model.heads.poisson import PoissonHead
from online_model.heads.squared import SquaredHead
from online_model.tasks import TaskKind


class Head(Protocol):
    """Made with the width of its rows alone; every other setting has a default and is named.

    Rows are float32[n, width], finite; beyond ± 1e5 a feature counts as that. Anything else is a ValueError that says
    what was wanted and what came, and then nothing was learned. Memory does not grow with what is learned.
    """

    kind: ClassVar[TaskKind]
    width: int

    def __init__(self, width: int) -> None: ...

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[n]: probabilities (binary), values (regression) or mean counts (count); also before any learning."""

    def learn(
        self, x: NDArray[np.float32], y: NDArray[np.float32], weight: NDArray[np.float32] | None = None
    ) -> None:
        """Rows in order, with labels y[n] and weights[n] within 0..1e4; a weight of 0 changes nothing."""

    def explain(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[n, width + 1]: exactly what each feature, and the bias last, adds to the logit, value or log mean."""

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned, as the arrays themselves; set, another head's is copied into them."""

    @state.setter
    def state(self, arrays: tuple[NDArray[np.float32], ...]) -> None: ...


HEADS: dict[str, type[Head]] = {
    "logistic": LogisticHead,
    "ftrl": FtrlHead,
    "bayesian": BayesianHead,
    "mlp": MlpHead,
    "hinge": HingeHead,
    "squared": SquaredHead,
    "huber": HuberHead,
    "poisson": PoissonHead,
}
