"""The formulas of the linear heads, by numbers worked out apart from them."""

import math

import numpy as np
import pytest
from heads.streams import loss, stream

from online_model.heads.ftrl import FtrlHead
from online_model.heads.hinge import HingeHead
from online_model.heads.huber import HuberHead
from online_model.heads.logistic import LogisticHead
from online_model.heads.poisson import PoissonHead
from online_model.heads.squared import SquaredHead


def f32(*numbers: object) -> np.ndarray:
    return np.array(numbers, np.float32)


def sigmoid(s: float) -> float:
    return 1 / (1 + math.exp(-s))


def test_logistic_two_steps_by_hand() -> None:
    head = LogisticHead(1, rate=0.1, l2=0.01)

    head.learn(f32([2], [1]), f32(1, 0), f32(1, 3))

    # Row 1: p = .5, slopes −1 (feature) and −.5 (bias), both from 0.
    w, b = 0.1 * 1 / math.sqrt(1.01), 0.1 * 0.5 / math.sqrt(0.26)
    # Row 2, weight 3: slope 3 p, and the ridge on w alone.
    g = 3 * sigmoid(w + b)
    slope = g + 3 * 0.01 * w
    w -= 0.1 * slope / math.sqrt(1 + slope**2 + 0.01)
    b -= 0.1 * g / math.sqrt(0.25 + g**2 + 0.01)
    np.testing.assert_allclose(head.weights, [w, b], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(head.squares, [1 + slope**2, 0.25 + g**2], rtol=1e-6)


def test_ridge_pulls_weights_to_0_and_leaves_the_bias() -> None:
    free, pulled = LogisticHead(4), LogisticHead(4, l2=0.1)
    x, y = stream("binary", 2_000)

    for head in (free, pulled):
        head.learn(np.zeros((50, 4), np.float32), np.ones(50, np.float32))
    biases = [head.weights[-1] for head in (free, pulled)]
    for head in (free, pulled):
        head.learn(x, y)

    assert biases[0] == biases[1] > 0.5
    assert (np.abs(pulled.weights[:3]) < 0.65 * np.abs(free.weights[:3])).all()


def ftrl(x: np.ndarray, y: np.ndarray, rate: float, start: float, l1: float, l2: float) -> list[float]:
    """Algorithm 1 of McMahan et al. 2013, in their letters (α, β, λ₁, λ₂), a constant 1 as the last feature."""
    z, n = [0.0] * (x.shape[1] + 1), [0.0] * (x.shape[1] + 1)

    def weight(i: int) -> float:
        lambda1, lambda2 = (0.0, 0.0) if i == x.shape[1] else (l1, l2)
        if abs(z[i]) <= lambda1:
            return 0.0
        return -1 / ((start + math.sqrt(n[i])) / rate + lambda2) * (z[i] - math.copysign(lambda1, z[i]))

    for row, label in zip(x.tolist(), y.tolist(), strict=True):
        row = [*row, 1.0]
        w = [weight(i) for i in range(len(row))]
        p = sigmoid(sum(a * b for a, b in zip(w, row, strict=True)))
        for i, value in enumerate(row):
            g = (p - label) * value
            sigma = (math.sqrt(n[i] + g * g) - math.sqrt(n[i])) / rate
            z[i] += g - sigma * w[i]
            n[i] += g * g
    return [weight(i) for i in range(x.shape[1] + 1)]


@pytest.mark.parametrize("width", [5, 67])
@pytest.mark.parametrize(
    ("rate", "start", "l1", "l2"), [(0.1, 1.0, 0.0, 0.0), (0.5, 0.2, 1.0, 0.3), (0.05, 2.0, 4.0, 0.0)]
)
def test_ftrl_is_algorithm_1_of_its_paper(
    rate: float, start: float, l1: float, l2: float, width: int
) -> None:
    head = FtrlHead(width, rate=rate, start=start, l1=l1, l2=l2)
    x, y = stream("binary", 300, width=width)

    head.learn(x, y)

    np.testing.assert_allclose(head.weights, ftrl(x, y, rate, start, l1, l2), rtol=1e-4, atol=1e-5)


def test_ftrl_sets_weights_of_features_that_say_nothing_to_exactly_0() -> None:
    x, y = stream("binary", 3_000)  # what counts is in columns 0 to 2
    noise = np.random.default_rng(8).standard_normal((3_000, 12)).astype(np.float32)
    head = FtrlHead(16, l1=60.0)

    head.learn(np.hstack([x, noise]), y)

    assert (head.weights[:3] != 0).all() and (head.weights[3:-1] == 0).all()


def test_hinge_moves_inside_the_margin_only() -> None:
    head = HingeHead(1, rate=0.1, l2=0.0)
    w = f32(0.5, 0.2)

    head.state = (w, f32(0, 0), f32(1, 0), f32(0, 0))
    head.learn(f32([1]), f32(1))  # s = .7, less than 1: slopes of −1
    moved = head.weights.copy()
    head.state = (w, f32(0, 0), f32(1, 0), f32(0, 0))
    head.learn(f32([2], [-2]), f32(1, 0))  # ỹ s = 1.2, past 1; and for the other side ỹ s = .8

    step = 0.1 / math.sqrt(1.01)
    np.testing.assert_allclose(moved, [0.5 + step, 0.2 + step], rtol=1e-6)
    np.testing.assert_allclose(head.weights, [0.5 + 0.1 * 2 / math.sqrt(4.01), 0.2 - step], rtol=1e-6)


def test_hinge_learns_platts_line_from_the_margin_before_the_row() -> None:
    head = HingeHead(1, rate=0.1)
    head.state = (f32(0.5, 0.2), f32(0, 0), f32(2, -0.3), f32(0, 0))

    before = head.predict(f32([1]))
    head.learn(f32([1]), f32(1))

    g = sigmoid(2 * 0.7 - 0.3) - 1
    np.testing.assert_allclose(before, [1 + g], rtol=1e-6)
    a, c = 2 - 0.1 * 0.7 * g / math.sqrt((0.7 * g) ** 2 + 0.01), -0.3 - 0.1 * g / math.sqrt(g * g + 0.01)
    np.testing.assert_allclose(head.platt, [a, c], rtol=1e-6)


def test_hinge_gives_probabilities_that_meet_the_rate_of_hits() -> None:
    head, (x, y) = HingeHead(4), stream("binary", 6_000)
    head.learn(x[:4_000], y[:4_000])

    p = head.predict(x[4_000:])

    assert 0.93 < p.sum() / y[4_000:].sum() < 1.07
    sure = p > 0.8
    assert abs(p[sure].mean() - y[4_000:][sure].mean()) < 0.05


@pytest.mark.parametrize("make", [SquaredHead, HuberHead])
def test_a_value_in_other_units_is_learned_alike(make: type[SquaredHead]) -> None:
    stars, cents = make(4, range=(1, 5)), make(4, range=(100, 500))
    if isinstance(cents, HuberHead):
        cents = HuberHead(4, range=(100, 500), delta=100.0)
    x, y = stream("regression", 300)

    stars.learn(x, y)
    cents.learn(x, 100 * y)

    np.testing.assert_allclose(cents.predict(x), 100 * stars.predict(x), rtol=1e-4)


def test_squared_past_its_range_has_nothing_to_correct() -> None:
    head = SquaredHead(1, range=(1, 5))
    head.state = (f32(3, 0), f32(0, 0))  # s = 3: cut to the end of the range

    head.learn(f32([1]), f32(5))
    at_the_end = head.weights.tolist()
    head.learn(f32([1]), f32(4))  # ŷ = 5: off by a half of half the range

    assert at_the_end == [3, 0]
    np.testing.assert_allclose(head.weights[0], 3 - 0.1 * 0.5 / math.sqrt(0.26), rtol=1e-6)


def test_huber_with_a_delta_past_the_range_is_squared() -> None:
    huber, squared = HuberHead(4, delta=4.0), SquaredHead(4)
    x, y = stream("regression", 300)

    huber.learn(x, y)
    squared.learn(x, y)

    np.testing.assert_array_equal(huber.weights, squared.weights)


def test_huber_stays_with_most_rows_where_a_tenth_lie_far_off() -> None:
    rng = np.random.default_rng(7)
    y = np.where(rng.random(6_000) < 0.1, 100, 20 + rng.normal(0, 2, 6_000)).astype(np.float32)
    x = np.zeros((6_000, 1), np.float32)
    huber, squared = HuberHead(1, range=(0, 100), delta=2.0, rate=0.03), SquaredHead(1, range=(0, 100))

    huber.learn(x, y)
    squared.learn(x, y)

    assert abs(huber.predict(x[:1])[0] - 20) < 1.0
    assert abs(squared.predict(x[:1])[0] - y.mean()) < 2.0  # the mean, 28


def test_poisson_two_steps_by_hand() -> None:
    head = PoissonHead(1, rate=0.1)

    head.learn(f32([2], [1]), f32(3, 0))

    w, b = 0.1 * 4 / math.sqrt(16.01), 0.1 * 2 / math.sqrt(4.01)
    g = math.exp(w + b)
    w, b = w - 0.1 * g / math.sqrt(16 + g * g + 0.01), b - 0.1 * g / math.sqrt(4 + g * g + 0.01)
    np.testing.assert_allclose(head.weights, [w, b], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(head.predict(f32([3])), [math.exp(3 * w + b)], rtol=1e-6)


def test_poisson_counts_add_up_and_stay_below_the_most() -> None:
    head, (x, y) = PoissonHead(4, most=30), stream("count", 6_000)
    head.learn(x[:4_000], y[:4_000])

    mean = head.predict(x[4_000:])

    assert 0.95 < mean.sum() / y[4_000:].sum() < 1.05
    assert loss("count", mean, y[4_000:]) < loss("count", np.full(2_000, y.mean()), y[4_000:])
    assert head.predict(f32([100, -100, 0, 0], [-100, 100, 0, 0])).tolist() == [30, f32(math.exp(-15))[0]]
