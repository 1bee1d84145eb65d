"""What the rankers see of an encoder: numbers whose meaning does not change when it is trained again.

After the features of features.py come, for T tasks, T + 2 columns: its logit for each task, clipped; and, of the
mean over the tasks, the reciprocal rank and the share among the candidates. All are 0 without an encoder.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.features import NAMES, WIDTH

CLIP = 8.0  # a logit beyond this says no more; divided by 4 it is as large as the other features


def width(tasks: int) -> int:
    """Columns of a row for so many tasks.

    >>> width(3) - WIDTH
    5
    """
    return WIDTH + tasks + 2


def names(tasks: list[str]) -> list[str]:
    """Names of all columns.

    >>> names(["click"])[-3:]
    ['encoder_click', 'encoder_rank', 'encoder_share']
    """
    return [*NAMES, *(f"encoder_{task}" for task in tasks), "encoder_rank", "encoder_share"]


@njit(cache=True, nogil=True)
def fill(
    x: NDArray[np.float32], logits: NDArray[np.float32], odds: NDArray[np.float32], first: int, end: int
) -> None:
    """Write the encoder's columns of x[width, n] from logits[n, tasks].

    The items first … end − 1 are the whole choice or a sample of it with odds π[n]: the share is exp(l) / Σ exp(lᵢ)/πᵢ,
    and the rank is 1 + Σ 1/πᵢ over the better ones. Other items are compared with these.
    """
    n, tasks = logits.shape
    means = np.zeros(n)
    for i in range(n):
        for t in range(tasks):
            clipped = min(max(float(logits[i, t]), -CLIP), CLIP)
            x[WIDTH + t, i] = clipped / 4
            means[i] += clipped / tasks
    total = 0.0
    for i in range(first, end):
        total += math.exp(means[i]) / odds[i]
    for i in range(n):
        better = 0.0
        for j in range(first, end):
            if means[j] > means[i]:
                better += 1.0 / odds[j]
        x[WIDTH + tasks, i] = 1.0 / (1.0 + better)
        x[WIDTH + tasks + 1, i] = math.exp(means[i]) / total if end > first else 0.0


def fill_page(x: NDArray[np.float32], logits: NDArray[np.float32]) -> None:
    """The logits alone, for rows whose list of candidates is gone: rank and share stay as they were."""
    x[WIDTH : WIDTH + logits.shape[1]] = np.clip(logits.T, -CLIP, CLIP) / 4
