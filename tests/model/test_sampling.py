"""Rivals with exact odds, and numbers in half precision: the two ways in which an example is smaller than a list."""

import numpy as np
import pytest

from online_model.half import from_half, to_half
from online_model.rivals import draw, odds_of, uniform

GRID = 4_000


@pytest.mark.parametrize("wanted", [1, 3, 7])
def test_each_row_is_drawn_with_the_odds_it_is_given(wanted: int) -> None:
    weights = np.random.default_rng(7).exponential(size=12) + 0.02
    counts, rows, odds = np.zeros(12), np.empty(wanted, np.int32), np.empty(wanted, np.float32)
    for u in (np.arange(GRID) + 0.5) / GRID:
        n = draw(weights, wanted, u, rows, odds)
        assert n == wanted and (np.diff(rows) > 0).all()
        counts[rows] += 1
        np.testing.assert_allclose(odds, odds_of(weights, wanted)[rows], rtol=1e-6)

    np.testing.assert_allclose(counts / GRID, odds_of(weights, wanted), atol=2 / GRID)


def test_all_rows_are_drawn_when_there_are_no_more_than_wanted() -> None:
    rows, odds = np.empty(5, np.int32), np.empty(5, np.float32)

    n = draw(np.array([0.1, 9.0, 2.0]), 5, 0.3, rows, odds)

    assert (n, rows[:3].tolist(), odds[:3].tolist()) == (3, [0, 1, 2], [1, 1, 1])


def test_neighbouring_sources_draw_numbers_spread_over_all_of_0_to_1() -> None:
    drawn = [uniform(1, 3, offset) for offset in range(2_000)]

    counts, _ = np.histogram(drawn, bins=10, range=(0, 1))
    assert counts.min() > 150 and counts.max() < 250
    assert drawn == [uniform(1, 3, offset) for offset in range(2_000)]


def test_every_finite_half_is_read_as_numpy_reads_it() -> None:
    halves = np.arange(1 << 16, dtype=np.uint16)
    halves = halves[np.isfinite(halves.view(np.float16))]
    out = np.empty(len(halves), np.float32)

    from_half(halves, out)

    np.testing.assert_array_equal(out, halves.view(np.float16).astype(np.float32))


def test_numbers_are_written_as_numpy_writes_them_and_the_tiny_as_0() -> None:
    draw_from = np.random.default_rng(7)
    x = (draw_from.standard_normal(20_000) * 10.0 ** draw_from.integers(-4, 4, 20_000)).astype(np.float32)
    x[:4] = 0, -0.0, 65_504, -(2**-14)
    out = np.empty(len(x), np.uint16)

    to_half(x, out)

    expected = x.astype(np.float16)
    expected[np.abs(x) < 2**-14] *= 0
    np.testing.assert_array_equal(out.view(np.float16), expected)
