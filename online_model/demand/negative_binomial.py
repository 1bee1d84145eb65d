"""Quantiles of a count whose mean and variance are known."""

import math

from numba import njit

SUMMED = (
    10_000.0  # a larger mean's quantile comes from the gamma distribution: the steps of one no longer show
)


@njit(cache=True)
def quantile(share: float, mean: float, variance: float, normal: float) -> float:
    """The least count that is not exceeded with probability `share`; normal: that quantile of N(0, 1).

    Negative binomial with r = mean² / (variance − mean); Poisson when the variance is not above the mean.
    Beyond SUMMED the gamma distribution, by Wilson & Hilferty (PNAS 1931).

    >>> quantile(0.9, 1.0, 1.0, 1.2816), quantile(0.9, 1.0, 2.0, 1.2816)  # Poisson, and geometric: 1 − ½³ < .9
    (2.0, 3.0)
    """
    if mean <= 0:
        return 0.0
    if mean > SUMMED:
        r = mean * mean / max(variance, mean)
        return float(math.floor(mean * max(1 - 1 / (9 * r) + normal / (3 * math.sqrt(r)), 0.0) ** 3))
    extra = variance - mean
    r = mean * mean / extra if extra > 1e-9 * mean else 1e9
    log_p = -r * math.log1p(mean / r)
    log_q = math.log(mean / (r + mean))
    below, count = math.exp(log_p), 0
    while below < share and count < 100 * SUMMED:
        log_p += math.log((count + r) / (count + 1)) + log_q
        below += math.exp(log_p)
        count += 1
    return float(count)
