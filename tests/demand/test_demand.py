"""What is learned of demand: levels that no order changes, effects that are credited whole, forecasts that hold."""

import math
import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from online_model.decay import NEVER
from online_model.demand import ShopDemand
from online_model.demand.effects import CAUSES, KNOWN, effects, empty_shop, learn
from online_model.demand.forecast import DRIFT, moments
from online_model.demand.levels import HALF_LIVES_H, KINDS, LEVELS, PACES, decayed, raise_levels
from online_model.demand.negative_binomial import quantile
from online_model.demand.week import WEEK, count_hour, hour_of_week

HOUR_MS = 3_600_000
START_MS = 1_700_000_000_000
CLICK, PURCHASE = 0, 2
sold = st.lists(
    st.tuples(st.integers(0, KINDS - 1), st.floats(0.25, 50), st.integers(0, 60 * 24)),
    min_size=1,
    max_size=30,
)


def nothing() -> np.ndarray:
    return np.full(LEVELS, NEVER)


def levels_of(events: list[tuple[int, float, int]]) -> np.ndarray:
    levels = nothing()
    for kind, units, hour in events:
        raise_levels(levels, kind, units, START_MS + hour * HOUR_MS)
    return levels


@settings(deadline=None)  # the first call compiles
@given(sold, st.randoms())
def test_levels_are_decayed_sums_whatever_the_order(
    events: list[tuple[int, float, int]], shuffle: random.Random
) -> None:
    now_h, out = 60 * 24, np.empty(LEVELS)
    mixed = shuffle.sample(events, len(events))

    decayed(levels_of(mixed), START_MS + now_h * HOUR_MS, out)

    wanted = np.zeros(LEVELS)
    for kind, units, hour in events:
        wanted[PACES * kind :][:PACES] += units * 2.0 ** (-(now_h - hour) / HALF_LIVES_H)
    np.testing.assert_allclose(out, wanted, rtol=1e-9)


def test_an_absurd_quantity_counts_as_a_million_and_none_as_nothing() -> None:
    np.testing.assert_array_equal(levels_of([(PURCHASE, 1e300, 0)]), levels_of([(PURCHASE, 1e6, 0)]))
    np.testing.assert_array_equal(levels_of([(PURCHASE, 0.0, 0)]), nothing())


def test_a_week_is_flat_at_first_and_then_shows_its_quiet_nights() -> None:
    events, hours, season = np.zeros(WEEK), np.zeros(WEEK), np.ones(WEEK)
    newest = START_MS
    count_hour(events, hours, season, newest, newest + 1)
    assert season.tolist() == [1.0] * WEEK
    for hour in range(8 * WEEK):  # 15 an hour by day, 5 by night (00:00 to 08:00)
        start = START_MS - START_MS % HOUR_MS + hour * HOUR_MS
        for part in range(5 if hour_of_week(start) % 24 < 8 else 15):
            ts = max(start + part * 60_000, newest)
            count_hour(events, hours, season, newest, ts)
            newest = ts

    by_hour = season.reshape(7, 24).mean(axis=0)

    assert season.mean() == pytest.approx(1)
    assert by_hour[8:].mean() / by_hour[:8].mean() == pytest.approx(3, rel=0.2)  # drawn to 1


def test_a_year_without_an_event_ends_at_once_and_leaves_finite_numbers() -> None:
    demand = ShopDemand()
    for ts in (START_MS, START_MS + 365 * 24 * HOUR_MS):
        demand.learn(levels_of([(CLICK, 1.0, 0)]), True, CLICK, 1.0, ts)

    told = demand.forecast(nothing(), CLICK, START_MS, 24 * HOUR_MS)

    assert all(math.isfinite(number) for number in told)


def test_two_events_give_the_hand_computed_effects() -> None:
    """A purchase an hour after a click of the same item: credited by β A, over what was exposed meanwhile."""
    shop = empty_shop()
    learn(shop, nothing(), False, CLICK, 1.0, START_MS)
    learn(shop, levels_of([(CLICK, 1.0, 0)]), True, PURCHASE, 2.0, START_MS + HOUR_MS)

    rates = math.log(2) / HALF_LIVES_H
    first = 0.02 / PACES * rates  # what a click is guessed to bring of purchases
    exposed = (1 - np.exp(-rates)) / rates
    before = (20 * first) / (exposed + 20)
    base = 20 * 1e-5 / (1 + 20)
    parts = np.concatenate([[base], before * np.exp(-rates)])
    credit = 2.0 * parts / parts.sum()
    beta = np.empty(CAUSES)
    effects(shop, PURCHASE, beta)

    np.testing.assert_allclose(shop.credit[PURCHASE, : 1 + PACES], credit, rtol=1e-9)
    np.testing.assert_allclose(beta[1 : 1 + PACES], (credit[1:] + 20 * first) / (exposed + 20), rtol=1e-9)
    assert shop.clock[KNOWN] == 1


@settings(deadline=None)  # the first call compiles
@given(sold)
def test_every_unit_is_credited_once(events: list[tuple[int, float, int]]) -> None:
    """All at one moment, so nothing has decayed: credit = units of the events after an item's first."""
    shop = empty_shop()
    levels = nothing()
    for place, (kind, units, _) in enumerate(events):
        learn(shop, levels, place > 0, kind, units, START_MS)
        raise_levels(levels, kind, units, START_MS)

    assert shop.credit.sum() == pytest.approx(sum(units for _, units, _ in events[1:]))


def stream(days: int, seed: int) -> list[tuple[int, int, int]]:
    """(hour, item, kind): items of different rates, a tenth of the clicks bought within the hour."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.5, 0.2, 60)
    found = []
    for hour in range(days * 24):
        for item in np.flatnonzero(rng.random(60) < rate).tolist():
            found.append((hour, item, CLICK))
            if rng.random() < 0.1:
                found.append((hour, item, PURCHASE))
    return found


def fold(
    events: list[tuple[int, int, int]], demand: ShopDemand, reload_every: int = 0
) -> tuple[ShopDemand, dict]:
    levels: dict[int, np.ndarray] = {}
    for n, (hour, item, kind) in enumerate(events):
        ts = START_MS + hour * HOUR_MS + n % 1000
        demand.learn(levels.get(item, nothing()), item in levels, kind, 1.0, ts)
        raise_levels(levels.setdefault(item, nothing()), kind, 1.0, ts)
        if reload_every and n % reload_every == 0:
            demand = ShopDemand.load(demand.dump())
    return demand, levels


def test_stored_and_loaded_on_the_way_it_ends_the_same_to_the_last_bit() -> None:
    events = stream(20, seed=1)

    assert fold(events, ShopDemand(), reload_every=37)[0].dump() == fold(events, ShopDemand())[0].dump()


def test_what_is_of_another_version_or_cut_short_is_refused() -> None:
    data = fold(stream(3, seed=1), ShopDemand())[0].dump()

    assert ShopDemand.load(None).dump() == ShopDemand().dump()
    for damaged in (b"\x63" + data[1:], data[:-1], b""):
        with pytest.raises(ValueError, match="demand of"):
            ShopDemand.load(damaged)


@pytest.mark.parametrize("kind", [CLICK, PURCHASE])
def test_the_next_days_units_are_expected_in_sum_and_within_the_intervals(kind: int) -> None:
    events = stream(60, seed=2)
    wanted = {"said": 0.0, "came": 0.0, "inside": 0, "n": 0}
    for day in range(50, 59):
        demand, levels = fold([event for event in events if event[0] < day * 24], ShopDemand())
        for item, level in levels.items():
            told = demand.forecast(level, kind, START_MS, 24 * HOUR_MS)
            came = sum(h // 24 == day and (i, k) == (item, kind) for h, i, k in events)
            wanted["said"] += told.expected
            wanted["came"] += came
            wanted["inside"] += told.low <= came <= told.high
            wanted["n"] += 1

    assert wanted["said"] / wanted["came"] == pytest.approx(1, abs=0.2), (
        wanted
    )  # 130 units: one standard error is .09
    assert wanted["inside"] / wanted["n"] > 0.8, wanted


def test_mean_and_variance_are_those_of_the_process_played_many_times() -> None:
    """Ogata's thinning, by the hour's tenth: events excite, and what they excite, excites."""
    shop = empty_shop()
    for kind, units in ((CLICK, 1.0), (PURCHASE, 3.0)):
        shop.sizes[kind] = units, units * units
    beta, rates = np.zeros((KINDS, CAUSES)), math.log(2) / HALF_LIVES_H
    for kind in range(KINDS):
        effects(shop, kind, beta[kind])
    levels = levels_of([(CLICK, 20.0, 0), (PURCHASE, 6.0, 0)])
    units_of, rng, runs, step_h = np.array([1.0, 1.0, 3.0]), np.random.default_rng(3), 30_000, 0.1

    level, came = np.empty(LEVELS), np.zeros(runs)
    decayed(levels, START_MS, level)
    y = np.tile(level, (runs, 1))
    for _ in range(240):
        happened = rng.poisson((beta[:, 0] + y @ beta[:, 1:].T) * step_h / units_of) * units_of
        y = y * np.tile(np.exp(-rates * step_h), KINDS) + np.repeat(happened, PACES, axis=1)
        came += happened[:, PURCHASE]
    mean, variance = moments(shop, levels, PURCHASE, START_MS, 24 * HOUR_MS)

    assert mean == pytest.approx(came.mean(), rel=0.03)
    assert variance == pytest.approx(came.var(), rel=0.06)


@pytest.mark.parametrize(
    ("mean", "variance"), [(0.05, 0.05), (0.7, 1.4), (3.0, 3.0), (40.0, 200.0), (900.0, 5e4)]
)
def test_a_quantile_is_the_least_count_that_is_enough(mean: float, variance: float) -> None:
    r = mean * mean / (variance - mean) if variance > mean else 1e9
    log_p = [-r * math.log1p(mean / r)]
    for k in range(5_000):
        log_p.append(log_p[-1] + math.log((k + r) / (k + 1)) + math.log(mean / (r + mean)))
    below = np.exp(log_p).cumsum()

    for share, normal in ((0.1, -1.2816), (0.5, 0.0), (0.9, 1.2816)):
        assert quantile(share, mean, variance, normal) == int(np.searchsorted(below, share))


def test_quantiles_of_many_units_meet_those_of_few() -> None:
    counts = [quantile(0.9, mean, mean + DRIFT * mean**2, 1.2815515655446) for mean in (9_999.0, 10_001.0)]

    assert counts[1] == pytest.approx(counts[0], rel=0.005)


def test_trend_is_none_for_what_sells_as_ever_and_up_for_what_sells_more() -> None:
    demand, _ = fold(stream(40, seed=4), ShopDemand())
    day = [(CLICK, 6.0, 24 * n) for n in range(40)]
    told = [
        demand.forecast(levels_of(day + more), CLICK, START_MS, 24 * HOUR_MS).trend
        for more in ([], [(CLICK, 30.0, 958)], [(CLICK, 90.0, 958)])
    ]

    assert all(a < b for a, b in pairwise(told)), told
    assert demand.forecast(nothing(), CLICK, START_MS, 24 * HOUR_MS).trend == 0
