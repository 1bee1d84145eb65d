"""The shop's week: how much busier than the average each of its 168 hours is (UTC).

s = day factor · hour-of-day factor, 1 on average over the week. A factor is (events + κ) / (rate · hours + κ), where
events and hours are decayed over four weeks, rate is events an hour, and κ = 10 events + what comes in 24 hours for
a day, in two for an hour of the day: a shop of one day has a flat week.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

HOUR_MS, DAY, WEEK = 3_600_000, 24, 168
EPOCH_HOUR = 4 * DAY  # 1 January 1970 was a Thursday; hour 0 is a Sunday's first
PRIOR_EVENTS, PRIOR_OF_DAY, PRIOR_OF_HOUR = 10.0, 24.0, 2.0
KEPT = 2.0 ** (-1 / (4 * WEEK))  # of an hour's events, after another hour
LONGEST = 8 * WEEK  # hours without an event that are counted


@njit(cache=True)
def hour_of_week(ts_ms: int) -> int:
    """
    >>> hour_of_week(0), hour_of_week(3 * 86_400_000)  # a Thursday, a Sunday
    (96, 0)
    """
    return int((ts_ms // HOUR_MS + EPOCH_HOUR) % WEEK)


@njit(cache=True)
def count_hour(
    events: NDArray[np.float64],
    hours: NDArray[np.float64],
    season: NDArray[np.float64],
    newest_ms: int,
    ts_ms: int,
) -> None:
    """Take in one event at ts_ms; newest_ms is the newest before it. All three are float64[WEEK]; season is s."""
    passed = min(ts_ms // HOUR_MS - newest_ms // HOUR_MS, LONGEST)
    for back in range(passed - 1, -1, -1):
        events *= KEPT
        hours *= KEPT
        hours[hour_of_week(ts_ms - back * HOUR_MS)] += 1.0
    if passed > 0:
        _shape(events, hours, season)
    events[hour_of_week(ts_ms)] += 1.0


@njit(cache=True)
def _shape(events: NDArray[np.float64], hours: NDArray[np.float64], season: NDArray[np.float64]) -> None:
    rate = events.sum() / hours.sum()
    of_day, of_hour = PRIOR_EVENTS + PRIOR_OF_DAY * rate, PRIOR_EVENTS + PRIOR_OF_HOUR * rate
    events_of, hours_of = events.reshape(-1, DAY), hours.reshape(-1, DAY)
    by_day = (events_of.sum(axis=1) + of_day) / (rate * hours_of.sum(axis=1) + of_day)
    by_hour = (events_of.sum(axis=0) + of_hour) / (rate * hours_of.sum(axis=0) + of_hour)
    for hour in range(WEEK):
        season[hour] = by_day[hour // DAY] * by_hour[hour % DAY]
    season /= season.mean()
