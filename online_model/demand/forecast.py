"""From an item's levels and the shop's effects to the units of the next window: mean, variance, interval.

The process is linear, so mean m and covariance C of y = (levels, units so far) follow exactly from step to step, an
hour or less each: m ← M m + b, C ← M C Mᵀ + Σ_k λ_k v_k v_kᵀ · spread_k, where an event of kind k adds v_k to y.
The process does not know what else moves an item: DRIFT · mean² is added to the variance.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.demand.effects import CAUSES, LN2, Shop, effects
from online_model.demand.levels import HALF_LIVES_H, HOUR_MS, KINDS, LEVELS, PACES, decayed
from online_model.demand.negative_binomial import quantile
from online_model.demand.week import hour_of_week

LOW, HIGH, NORMAL = 0.1, 0.9, 1.2815515655446004  # an interval of 80 %
DRIFT = 0.1  # a third of the mean: without it, intervals of busy items held 70 to 78 % instead of 78 to 85 %
SLOW = PACES - 1


class Forecast(NamedTuple):
    """Units of an item in the next window. low, high: with 80 % they are between. trend: expected over usual − 1."""

    expected: float
    low: float
    high: float
    trend: float


@njit(cache=True)
def _times_transposed(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """a bᵀ, so that M (M C)ᵀ = M C Mᵀ for a symmetric C. Not `@`: that would bring SciPy and its threads along."""
    out = np.zeros((len(a), len(b)))
    for i in range(len(a)):
        for j in range(len(b)):
            for k in range(a.shape[1]):
                out[i, j] += a[i, k] * b[j, k]
    return out


@njit(cache=True, nogil=True)
def moments(
    shop: Shop, levels: NDArray[np.float64], kind: int, now_ms: int, window_ms: int
) -> tuple[float, float]:
    """(mean, variance) of an item's units of one kind from now on. levels[LEVELS] as kept (levels.py)."""
    size = LEVELS + 1
    beta = np.empty((KINDS, CAUSES))
    for k in range(KINDS):
        effects(shop, k, beta[k])
    steps = math.ceil(window_ms / HOUR_MS)
    step_h = window_ms / HOUR_MS / steps
    kept, jumps = np.ones(size), np.zeros((KINDS, size))
    for at in range(LEVELS):
        half = 2.0 ** (-step_h / 2 / HALF_LIVES_H[at % PACES])
        kept[at], jumps[at // PACES, at] = half * half, half  # it happens in the middle of a step, on average
        beta[:, 1 + at] *= half  # and so does what the level excites
    jumps[kind, LEVELS] = 1.0
    y, covariance = np.zeros(size), np.zeros((size, size))
    decayed(levels, now_ms, y)
    for step in range(steps):
        hours = step_h * shop.season[hour_of_week(now_ms + int((step + 0.5) * step_h * HOUR_MS))]
        gain, moved = np.diag(kept), kept * y
        noise = np.zeros((size, size))
        for k in range(KINDS):
            units = beta[k, 0]
            for at in range(LEVELS):
                units += beta[k, 1 + at] * y[at]
            spread = shop.sizes[k, 1] / shop.sizes[k, 0] if shop.sizes[k, 0] > 0 else 1.0
            for i in range(size):
                moved[i] += hours * units * jumps[k, i]
                for j in range(size):
                    noise[i, j] += hours * units * spread * jumps[k, i] * jumps[k, j]
                    if j < LEVELS:
                        gain[i, j] += hours * jumps[k, i] * beta[k, 1 + j]
        y[:] = moved
        covariance = _times_transposed(gain, _times_transposed(gain, covariance)) + noise
    return y[LEVELS], covariance[LEVELS, LEVELS]


def forecast(
    shop: Shop, levels: NDArray[np.float64], kind: int, born_ms: int, now_ms: int, window_ms: int
) -> Forecast:
    """born_ms: the item's first event. Usual is the decayed average of the last weeks, in hours as busy as these."""
    mean, variance = moments(shop, levels, kind, now_ms, window_ms)
    variance += DRIFT * mean * mean
    low = quantile(LOW, mean, variance, -NORMAL)
    high = quantile(HIGH, mean, variance, NORMAL)
    usual = _usual(shop, levels, kind, born_ms, now_ms, window_ms)
    return Forecast(mean, low, high, mean / usual - 1 if usual > 0 else 0.0)


def _usual(
    shop: Shop, levels: NDArray[np.float64], kind: int, born_ms: int, now_ms: int, window_ms: int
) -> float:
    level = np.empty(LEVELS)
    decayed(levels, now_ms, level)
    age_h = max(now_ms - born_ms, window_ms) / HOUR_MS
    lived_h = (1 - 2.0 ** (-age_h / HALF_LIVES_H[SLOW])) * HALF_LIVES_H[SLOW] / LN2
    hours = np.arange(math.ceil(window_ms / HOUR_MS)) + 0.5
    busy = np.mean([shop.season[hour_of_week(now_ms + int(hour * HOUR_MS))] for hour in hours])
    return float(level[PACES * kind + SLOW] / lived_h * window_ms / HOUR_MS * busy)
