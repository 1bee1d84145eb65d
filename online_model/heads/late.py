"""How much a label counts when it may be wrong yet, so that what is learned early is right on average.

p: what the task's head says, r = P(a hit that comes after `elapsed` | row), learned from labels that are final.
    wait     told when the window has passed:      weight 1
    fnw      MISS at once, LATE_HIT when it comes:  MISS (1 − p)(1 + p), LATE_HIT 1 + p
    es-dfm   told after `elapsed`, LATE_HIT later:  HIT, LATE_HIT 1 + r, MISS (1 + r) (1 − p) / (1 − p + r)
Both corrected ones have the true rate as their fixed point.
fnw: Ktena et al., "Addressing delayed feedback for continuous training with neural networks in CTR prediction",
RecSys 2019. es-dfm: Yang et al., "Capturing delayed feedback in conversion rate prediction via elapsed-time
sampling", AAAI 2021; the last factor, P(never a hit | none so far), is read off p and r instead of a third model.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from online_model.example import FINAL_MISS, HIT, LATE_HIT, MISS
from online_model.heads.logistic import LogisticHead
from online_model.tasks import Task


class LateLabels:
    """`weigh` before the heads learn rows of a page, `learn` after."""

    def __init__(self, width: int, tasks: Sequence[Task]) -> None:
        self._fnw = np.array([task.delay == "fnw" for task in tasks])
        self._coming = {t: LogisticHead(width) for t, task in enumerate(tasks) if task.delay == "es-dfm"}

    def weigh(
        self, z: NDArray[np.float32], labels: NDArray[np.int8], p: NDArray[np.float32]
    ) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """y int8[n, tasks], 1, 0 or −1 (nothing to learn), and its weight float32[n, tasks].

        z: float32[n, width] of the rows; p: float32[n, tasks], what the heads say of them now.
        """
        y = np.where((labels == HIT) | (labels == LATE_HIT), 1, np.where(labels == MISS, 0, -1)).astype(
            np.int8
        )
        weight = np.where(self._fnw, np.where(y == 1, 1 + p, (1 - p) * (1 + p)), np.float32(1))
        for t, head in self._coming.items():
            r = np.minimum(head.predict(z), p[:, t])
            weight[:, t] = (1 + r) * np.where(y[:, t] == 1, 1, (1 - p[:, t]) / (1 - p[:, t] + r))
        return y, weight

    def learn(self, z: NDArray[np.float32], labels: NDArray[np.int8]) -> None:
        """Which hits come late: a row tells it once, with its HIT, LATE_HIT or FINAL_MISS."""
        for t, head in self._coming.items():
            rows = np.isin(labels[:, t], (HIT, LATE_HIT, FINAL_MISS))
            head.learn(z[rows], (labels[rows, t] == LATE_HIT).astype(np.float32))

    @property
    def state(self) -> tuple[NDArray[np.float32], ...]:
        """All that is learned."""
        return tuple(part for head in self._coming.values() for part in head.state)
