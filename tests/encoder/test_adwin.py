"""ADWIN sees a change soon, sees none where there is none, and agrees with River's."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from online_model.adwin import ROW, Adwin

river = pytest.importorskip("river.drift")


def changes(values: np.ndarray, delta: float = 0.002) -> list[int]:
    adwin = Adwin(delta)
    return [n for n, value in enumerate(values.tolist()) if adwin.update(value)]


def by_river(values: np.ndarray, delta: float = 0.002) -> list[int]:
    adwin, found = river.ADWIN(delta=delta), []
    for n, value in enumerate(values.tolist()):
        adwin.update(value)
        if adwin.drift_detected:
            found.append(n)
    return found


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), low=st.floats(0.1, 0.4), rise=st.floats(0.15, 0.5))
def test_the_first_change_is_seen_when_river_sees_it(seed: int, low: float, rise: float) -> None:
    draw = np.random.default_rng(seed).random(2_000)
    values = np.where(np.arange(2_000) < 1_000, draw < low, draw < low + rise).astype(float)

    ours, theirs = changes(values), by_river(values)

    assert ours and theirs
    assert abs(ours[0] - theirs[0]) <= 64  # both look every 32 values; River leaves the newest cut out


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_a_stream_that_does_not_change_is_left_alone(seed: int) -> None:
    """δ = 0.002 bounds the chance for each look; the bound is far from tight, so none is expected in 5,000."""
    assert changes(np.random.default_rng(seed).beta(2, 5, 5_000)) == []


def test_after_a_change_the_window_is_what_came_since() -> None:
    draw = np.random.default_rng(7).random(3_000)
    adwin = Adwin()
    for n, value in enumerate(draw.tolist()):
        adwin.update(float(value < (0.2 if n < 2_000 else 0.6)))

    assert 900 <= adwin.width <= 1_050
    assert adwin.mean == pytest.approx(0.6, abs=0.05)


@given(st.lists(st.floats(0, 1), max_size=200))
def test_without_a_change_nothing_is_forgotten_and_little_is_held(values: list[float]) -> None:
    adwin = Adwin(delta=1e-9)
    changed = [adwin.update(value) for value in values]

    if not any(changed):
        assert adwin.width == len(values)
        assert adwin.mean == pytest.approx(math.fsum(values) / max(len(values), 1), abs=1e-9)
    held = sum(len(row) for row in adwin._rows)
    assert held <= (ROW + 1) * math.log2(len(values) + 2)


@pytest.mark.parametrize("delta", [0.0, 1.0])
def test_a_delta_that_is_no_probability_is_an_error(delta: float) -> None:
    with pytest.raises(ValueError, match="0 < delta < 1"):
        Adwin(delta)
