"""What is in fashion: each category's trend comes and goes, mean-reverting, with a rush now and then."""

import numpy as np
from numpy.typing import NDArray

SPREAD = 0.5  # standard deviation of the logit that a trend adds to the wish for a category
RUSH = 2.0  # of a category that suddenly everybody wants
RUSHES_A_WEEK = 2.0


class Trends:
    """value: float64[categories], an Ornstein-Uhlenbeck process plus rushes that fade as fast as it forgets."""

    def __init__(self, categories: int, memory_hours: float, rng: np.random.Generator) -> None:
        self.value: NDArray[np.float64] = rng.normal(scale=SPREAD, size=categories)
        self._memory_hours = memory_hours

    def pass_time(self, hours: float, rng: np.random.Generator) -> None:
        """Let time pass."""
        kept = np.exp(-hours / self._memory_hours)
        noise = rng.normal(scale=SPREAD * np.sqrt(1 - kept**2), size=len(self.value))
        self.value = kept * self.value + noise
        if rng.random() < RUSHES_A_WEEK * hours / (7 * 24):
            self.value[rng.integers(len(self.value))] += RUSH
