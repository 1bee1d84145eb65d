"""Predicted against observed: how far the probabilities can be taken at their word."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from online_model.progressive import BINS, Progressive
from online_model.tasks import Task

GROUPS = (
    10  # points of a curve, with equal numbers of hits: the rare high predictions are not lost in one of them
)


class Reliability(Progressive):
    """Progressive validation that never forgets, with its calibration curve. Pages are taken before choices."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        super().__init__(tasks, forget=1.0)

    def figures(self, task: int) -> dict[str, float]:
        """auc, logloss, calibration and normalized_entropy of one task; nothing before a hit and a miss were seen.
        Of a regression mae, rmse, rmse_of_mean (always saying the mean) and calibration.

        normalized_entropy = log loss / entropy of the base rate: 1 is as good as always saying that rate.
        He et al., "Practical lessons from predicting clicks on ads at Facebook", ADKDD 2014.
        """
        value, quality = self.value_quality(task), self.quality(task)
        if value is not None:
            names = ("mae", "rmse", "rmse_of_mean", "calibration")
            return {name: round(figure, 4) for name, figure in zip(names, value, strict=True)}
        if quality is None:
            return {}
        _, (weight, _, observed, _) = self._taken(task)
        rate = observed / weight
        entropy = -rate * math.log(rate) - (1 - rate) * math.log1p(-rate) if 0 < rate < 1 else math.inf
        return {
            "auc": round(quality.auc, 4),
            "logloss": round(quality.log_loss, 5),
            "calibration": round(quality.calibration, 4),
            "normalized_entropy": round(quality.log_loss / entropy, 4),
        }

    def curve(self, task: int) -> list[tuple[float, float]]:
        """(predicted, observed) rates of GROUPS groups of predictions, from the lowest to the highest.

        Read off the histogram of logits, 0.2 apart: predicted is good to a tenth of itself.
        """
        (hits, misses), _ = self._taken(task)
        if hits.sum() <= 0 or misses.sum() <= 0:
            return []
        p = 1 / (1 + np.exp(-((np.arange(BINS) + 0.5) * 40 / BINS - 20)))
        group = np.minimum((np.cumsum(hits) - hits / 2) / hits.sum() * GROUPS, GROUPS - 1).astype(int)
        both = hits + misses
        points = [
            (both[at] @ p[at], hits[at].sum(), both[at].sum()) for at in (group == g for g in range(GROUPS))
        ]
        return [(float(f"{e / n:.3g}"), float(f"{o / n:.3g}")) for e, o, n in points if n > 0]

    def sums(self) -> dict[str, bytes]:
        """All that was added up, for `restore`."""
        return {name: held.tobytes() for name, held in vars(self).items() if isinstance(held, np.ndarray)}

    def restore(self, sums: dict[str, bytes]) -> None:
        """Go on from there."""
        for name, data in sums.items():
            held: NDArray[np.generic] = getattr(self, name)
            held[...] = np.frombuffer(data, held.dtype).reshape(held.shape)
