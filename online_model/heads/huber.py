"""Huber head: a value within a range, moved less by the few that lie far off."""

from online_model.heads import checks
from online_model.heads.squared import SquaredHead


class HuberHead(SquaredHead):
    """As SquaredHead, with ∂loss/∂s = min(delta, max(−delta, ŷ − y)) / half: past delta each row pulls alike.

    delta: in the unit of the value. Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 1964.

    >>> import numpy as np
    >>> head, x = HuberHead(1, delta=1.0), np.array([[1]], np.float32)
    >>> head.learn(x, np.array([5], np.float32))  # ŷ − y = −2, cut to −1, halved; w = b = .05 / √(.25 + .01)
    >>> round(float(head.predict(x)[0]), 4)
    3.3922
    """

    def __init__(
        self,
        width: int,
        *,
        range: tuple[float, float] = (1.0, 5.0),
        delta: float = 1.0,
        rate: float = 0.1,
        l2: float = 0.0,
    ) -> None:
        super().__init__(width, range=range, rate=rate, l2=l2)
        self.cut = checks.number("delta", delta, 1e-6, checks.LARGEST) / self.half
