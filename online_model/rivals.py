"""Which rivals an example carries: systematic sampling with known odds.

Row i is taken with probability πᵢ = min(1, c · wᵢ), Σ πᵢ = the number wanted: lay the πᵢ end to end, and take the
rows in which u, u+1, u+2 … fall, for one uniform u. The size is fixed, no row comes twice, and the odds are exact.
w depends on the features alone, never on what was learned, so a replay draws the same rows.
Madow, "On the theory of systematic sampling, II", Annals of Mathematical Statistics 1949.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True)
def mixed(number: np.uint64) -> np.uint64:
    """SplitMix64's finalizer: neighbouring sources give unrelated numbers. Steele, Lea & Flood, OOPSLA 2014."""
    number = np.uint64(number + _GOLDEN)
    number = np.uint64((number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9))
    number = np.uint64((number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB))
    return np.uint64(number ^ (number >> np.uint64(31)))


@njit(cache=True)
def uniform(topic: int, partition: int, offset: int) -> float:
    """A number in [0, 1) that belongs to one message of the log."""
    seed = mixed(mixed(mixed(np.uint64(topic)) ^ np.uint64(partition)) ^ np.uint64(offset))
    return (seed >> np.uint64(11)) * 2.0**-53


@njit(cache=True)
def odds_of(weights: NDArray[np.float64], wanted: int) -> NDArray[np.float64]:
    """πᵢ = min(1, c wᵢ) with Σ πᵢ = wanted, for positive weights, more of them than wanted.

    >>> odds_of(np.array([10.0, 1, 1, 1, 1]), 3).tolist()
    [1.0, 0.5, 0.5, 0.5, 0.5]
    """
    odds = np.zeros(len(weights))
    left, sure = wanted, 0
    while True:
        total = 0.0
        for i in range(len(weights)):
            if odds[i] < 1:
                total += weights[i]
        more = 0
        for i in range(len(weights)):
            if odds[i] < 1:
                odds[i] = left * weights[i] / total
        for i in range(len(weights)):
            if odds[i] >= 1:
                odds[i] = 1.0
                more += 1
        if more == sure:
            return odds
        sure = more
        left = wanted - sure


@njit(cache=True)
def draw(
    weights: NDArray[np.float64], wanted: int, u: float, rows: NDArray[np.int32], odds: NDArray[np.float32]
) -> int:
    """Fill rows and odds with the drawn indices, ascending; how many there are (all, if no more than wanted)."""
    n = len(weights)
    if n <= wanted:
        for i in range(n):
            rows[i], odds[i] = i, 1
        return n
    chances = odds_of(weights, wanted)
    taken, reached = 0, 0.0
    for i in range(n):
        reached += chances[i]
        if taken < wanted and reached > u + taken:
            rows[taken], odds[taken] = i, chances[i]
            taken += 1
    return taken
