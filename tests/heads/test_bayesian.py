"""The Bayesian head beside the posterior itself, and what its uncertainty is good for."""

import math

import numpy as np
import pytest
from heads.streams import stream

from online_model.heads.bayesian import BayesianHead


def sigmoid(s: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-s))


def with_one(x: np.ndarray) -> np.ndarray:
    return np.hstack([x, np.ones((len(x), 1))]).astype(float)


def laplace(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, prior: float, forget: float
) -> tuple[np.ndarray, np.ndarray]:
    """Row by row by the book: the mode by Newton's method in all dimensions, the precision inverted by numpy."""
    x = with_one(x)
    mean, precision = np.zeros(x.shape[1]), np.eye(x.shape[1]) / prior**2
    for row, label, times in zip(x, y, weight, strict=True):
        at = mean
        for _ in range(300):
            p = sigmoid(row @ at)
            slope = precision @ (at - mean) + times * (p - label) * row
            step = np.linalg.solve(precision + times * p * (1 - p) * np.outer(row, row), slope)
            at = at - step / max(1, 2 * abs(row @ step))  # short steps, or it may swing from side to side
        p = sigmoid(row @ at)
        mean, precision = at, precision + times * p * (1 - p) * np.outer(row, row)
        if forget:
            covariance = np.linalg.inv(precision)
            wide = np.sqrt(np.diag(covariance))
            grow = np.minimum(1 / math.sqrt(1 - forget), prior / wide)
            precision = np.linalg.inv(covariance * np.outer(grow, grow))
    return mean, np.linalg.inv(precision)


@pytest.mark.parametrize("width", [3, 22])
@pytest.mark.parametrize(("prior", "forget"), [(1.0, 0.0), (3.0, 0.0), (1.0, 0.02)])
def test_mean_and_covariance_are_those_of_laplace_row_by_row(prior: float, forget: float, width: int) -> None:
    head, (x, y) = BayesianHead(width, prior=prior, forget=forget), stream("binary", 60, width=width)
    weight = np.random.default_rng(7).choice([0.5, 1, 2], 60).astype(np.float32)

    head.learn(x, y, weight)

    mean, covariance = laplace(x, y, weight, prior, forget)
    np.testing.assert_allclose(head.mean, mean, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(head.root @ head.root.T, covariance, rtol=1e-3, atol=1e-4)
    deviation = np.sqrt(np.einsum("ni,ij,nj->n", with_one(x), covariance, with_one(x)))
    np.testing.assert_allclose(head.deviation(x), deviation, rtol=1e-3)
    logit = with_one(x) @ mean / np.sqrt(1 + math.pi / 8 * deviation**2)
    np.testing.assert_allclose(head.predict(x), sigmoid(logit), rtol=1e-3)


def test_it_comes_near_the_exact_posterior() -> None:
    head, (x, y) = BayesianHead(1, prior=1.0), stream("binary", 30, width=1)
    grid = np.linspace(-5, 5, 401)
    w, b = np.meshgrid(grid, grid, indexing="ij")
    density = -(w**2 + b**2) / 2
    for value, label in zip(x[:, 0], y, strict=True):
        density += np.log(sigmoid((w * value + b) * (2 * label - 1)))
    density = np.exp(density - density.max())
    density /= density.sum()
    at = np.array([[-2], [0], [1], [3]], np.float32)

    head.learn(x, y)

    exact = [float((density * sigmoid(w * value + b)).sum()) for value in at[:, 0].tolist()]
    np.testing.assert_allclose(head.predict(at), exact, atol=0.03)
    mean = (density * w).sum()
    np.testing.assert_allclose(head.mean[0], mean, atol=0.1)
    np.testing.assert_allclose(
        np.sqrt((head.root @ head.root.T)[0, 0]), np.sqrt((density * (w - mean) ** 2).sum()), rtol=0.15
    )


@pytest.mark.parametrize("weight", [0.5, 1.0, 1e4])
@pytest.mark.parametrize("logit", [-30, -3.146, -0.1, 0, 0.1, 3.146, 30])
@pytest.mark.parametrize("deviation", [0.01, 1, 11, 300])
def test_the_mode_is_where_the_labels_pull_and_the_priors_are_one(
    weight: float, logit: float, deviation: float
) -> None:
    head = BayesianHead(1)
    head.state = (np.array([logit, 0], np.float32), np.diag([deviation, 0]).astype(np.float32))

    head.learn(np.ones((1, 1), np.float32), np.ones(1, np.float32), np.array([weight], np.float32))

    moved = float(head.mean[0]) - float(np.float32(logit))
    pull = weight * sigmoid(-float(head.mean[0]))
    np.testing.assert_allclose(moved, deviation**2 * pull, rtol=1e-2, atol=1e-5)


def test_only_what_was_seen_becomes_sure() -> None:
    head = BayesianHead(2)
    seen, unseen = np.array([[1, 0]], np.float32), np.array([[0, 1]], np.float32)

    head.learn(np.repeat(seen, 200, axis=0), (np.arange(200) % 2).astype(np.float32))

    covariance = head.root @ head.root.T
    assert head.deviation(seen)[0] < 0.2
    assert covariance[1, 1] == 1 and head.deviation(unseen)[0] > 1


def test_forgetting_follows_a_turn_and_never_knows_less_than_the_prior() -> None:
    (x, y), (later, turned) = stream("binary", 4_000), stream("binary", 500, seed=8)
    keeping, forgetting = BayesianHead(4, prior=2.0), BayesianHead(4, prior=2.0, forget=0.01)

    for head in (keeping, forgetting):
        head.learn(x, y)
        head.learn(later, 1 - turned)  # every sign turned around

    assert forgetting.mean[0] < -1 < 0 < keeping.mean[0]
    still = np.zeros((3_000, 4), np.float32)  # rows that say nothing of the weights
    forgetting.learn(still, (np.arange(3_000) % 2).astype(np.float32))
    deviations = np.sqrt(np.diag(forgetting.root @ forgetting.root.T))
    np.testing.assert_allclose(deviations[:4], 2.0, rtol=1e-3)


def test_it_stays_sound_over_many_rows_and_directions_of_every_size() -> None:
    head, rng = BayesianHead(8, forget=1e-3), np.random.default_rng(7)
    x = (rng.standard_normal((5_000, 8)) * 10.0 ** np.arange(-4, 4)).astype(np.float32)

    head.learn(x, (rng.random(5_000) < 0.5).astype(np.float32))

    deviation = head.deviation(x)
    assert np.isfinite(deviation).all() and (deviation > 0).all() and deviation.max() < 10


def test_draws_are_spread_as_the_logits_are() -> None:
    head, (x, y) = BayesianHead(4), stream("binary", 100)
    head.learn(x, y)
    rng = np.random.default_rng(7)

    drawn = np.array([head.sample(x[:5], rng) for _ in range(4_000)]).astype(float)

    logits = np.log(drawn / (1 - drawn))
    mean = with_one(x[:5]) @ head.mean
    np.testing.assert_allclose(logits.mean(axis=0), mean, atol=0.05)
    np.testing.assert_allclose(logits.std(axis=0), head.deviation(x[:5]), rtol=0.05)


def test_one_draw_serves_a_whole_list_and_follows_its_generator() -> None:
    head = BayesianHead(4)
    same = np.ones((3, 4), np.float32)

    first, again = (head.sample(same, np.random.default_rng(3)) for _ in range(2))

    assert first[0] == first[1] == first[2] != head.predict(same)[0]
    np.testing.assert_array_equal(first, again)
