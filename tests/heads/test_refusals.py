"""What heads do not take: a ValueError that says what was wanted and what came, and nothing is learned."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from heads.streams import MAKE, OURS, stream

from online_model.heads.huber import HuberHead
from online_model.heads.logistic import LogisticHead
from online_model.heads.poisson import PoissonHead
from online_model.heads.river_adaptor import RiverHead
from online_model.heads.squared import SquaredHead
from online_model.heads.table import HEADS

NAN, INF = float("nan"), float("inf")


def f32(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def rows(fill: float = 1.0) -> np.ndarray:
    x = np.ones((3, 4), np.float32)
    x[1, 2] = fill
    return x


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.ones((3, 5), np.float32), "wanted features float32[3, 4]; got float32[3, 5]"),
        (np.ones(4, np.float32), "wanted features float32[4, 4]; got float32[4]"),
        (np.float32(1) * np.ones(()), "wanted features float32[0, 4]; got float64[]"),
        (np.ones((3, 4)), "wanted features float32[3, 4]; got float64[3, 4]"),
        (rows(NAN), "wanted finite features; row 1 has nan"),
        (rows(INF), "wanted finite features; row 1 has inf"),
        (rows(-INF), "wanted finite features; row 1 has -inf"),
    ],
)
def test_features_that_do_not_fit(name: str, x: np.ndarray, said: str) -> None:
    head = MAKE[name](4)
    before = [part.copy() for part in head.state]

    with pytest.raises(ValueError, match=re.escape(said)):
        head.predict(x)
    with pytest.raises(ValueError, match=re.escape(said)):
        head.learn(x, f32(1, 1, 1))

    for mine, was in zip(head.state, before, strict=True):
        np.testing.assert_array_equal(mine, was)


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize(
    ("y", "said"),
    [
        (f32(1, 1), "wanted labels float32[3]; got float32[2]"),
        (np.ones(3), "wanted labels float32[3]; got float64[3]"),
        (np.ones((3, 1), np.float32), "wanted labels float32[3]; got float32[3, 1]"),
        (f32(1, NAN, 1), "row 1 has nan"),
        (f32(1, 1, INF), "row 2 has inf"),
        (f32(-2e6, 1, 1), "row 0 has -2000000.0"),
    ],
)
def test_labels_that_do_not_fit(name: str, y: np.ndarray, said: str) -> None:
    head = MAKE[name](4)
    before = [part.copy() for part in head.state]

    with pytest.raises(ValueError, match=re.escape(said)):
        head.learn(rows(), y)

    for mine, was in zip(head.state, before, strict=True):
        np.testing.assert_array_equal(mine, was)


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize(
    ("weight", "said"),
    [
        (f32(1, 1), "wanted weights float32[3]; got float32[2]"),
        (f32(1, -1, 1), "wanted weights within 0..10000; row 1 has -1.0"),
        (f32(1, 1, NAN), "wanted weights within 0..10000; row 2 has nan"),
        (f32(1e5, 1, 1), "wanted weights within 0..10000; row 0 has 100000.0"),
    ],
)
def test_weights_that_do_not_fit(name: str, weight: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        MAKE[name](4).learn(rows(), f32(1, 1, 1), weight)


@pytest.mark.parametrize(
    ("head", "label", "said"),
    [
        (LogisticHead(4), 0.5, "wanted labels of 0 or 1; row 1 has 0.5"),
        (SquaredHead(4, range=(1, 5)), 5.5, "wanted labels within 1..5; row 1 has 5.5"),
        (HuberHead(4, range=(0, 100)), -1, "wanted labels within 0..100; row 1 has -1.0"),
        (PoissonHead(4, most=50), -1, "wanted labels within 0..50; row 1 has -1.0"),
        (PoissonHead(4, most=50), 51, "wanted labels within 0..50; row 1 has 51.0"),
        (RiverHead(4, None, "count"), -1, "wanted labels within 0..1e+06; row 1 has -1.0"),
    ],
)
def test_labels_outside_of_a_heads_range(head: LogisticHead, label: float, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        head.learn(rows(), f32(1, label, 1))


def test_a_river_head_takes_whole_weights_only() -> None:
    with pytest.raises(ValueError, match=r"wanted whole weights.*row 2 has 1\.5"):
        RiverHead(4, None).learn(rows(), f32(1, 1, 1), f32(1, 0, 1.5))


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("width", [0, -3, NAN])
def test_a_head_of_no_width(name: str, width: int) -> None:
    with pytest.raises(ValueError, match=rf"width must be within 1\.\..*; got {width}"):
        HEADS[name](width)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LogisticHead(4, rate=-0.1), "rate must be within 0..10; got -0.1"),
        (lambda: LogisticHead(4, rate=NAN), "rate must be within 0..10; got nan"),
        (lambda: HEADS["hinge"](4, l2=-1), "l2 must be within 0..10; got -1"),
        (lambda: HEADS["ftrl"](4, rate=0), "rate must be within 1e-06..10; got 0"),
        (lambda: HEADS["ftrl"](4, l1=-1), "l1 must be within 0..1e+06; got -1"),
        (lambda: HEADS["bayesian"](4, prior=0), "prior must be within 0.001..1000; got 0"),
        (lambda: HEADS["bayesian"](4, forget=1), "forget must be within 0..0.5; got 1"),
        (lambda: HEADS["mlp"](4, units=0), "units must be within 1..4096; got 0"),
        (lambda: SquaredHead(4, range=(5, 1)), "range must be two rising numbers within ±1e+06; got (5, 1)"),
        (
            lambda: SquaredHead(4, range=(0, INF)),
            "range must be two rising numbers within ±1e+06; got (0, inf)",
        ),
        (lambda: HuberHead(4, delta=0), "delta must be within 1e-06..1e+06; got 0"),
        (lambda: PoissonHead(4, most=1e7), "most must be within 1..1e+06; got 10000000.0"),
    ],
)
def test_settings_that_make_no_sense(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        make()


@pytest.mark.parametrize("name", OURS)
def test_a_state_that_does_not_fit(name: str) -> None:
    head, wide = MAKE[name](4), MAKE[name](5)
    head.learn(*stream(head.kind, 10))
    before = [part.copy() for part in head.state]
    bad = [part.copy() for part in head.state]
    bad[-1].flat[0] = NAN

    with pytest.raises(ValueError, match=r"wanted a state of shapes \[.*\]; got \["):
        head.state = wide.state
    with pytest.raises(ValueError, match="wanted a finite state; got one with NaN or infinity"):
        head.state = tuple(bad)

    for mine, was in zip(head.state, before, strict=True):
        np.testing.assert_array_equal(mine, was)
