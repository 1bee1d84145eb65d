"""The MLP head's gradients and what its units are for."""

import numpy as np
from heads.streams import loss

from online_model.heads.logistic import LogisticHead
from online_model.heads.mlp import MlpHead


def logit(weights: list[np.ndarray], x: np.ndarray) -> float:
    into, bias, skip, top = weights
    return float(skip[:-1] @ x + skip[-1] + top @ np.maximum(into @ x + bias, 0))


def test_each_weights_first_slope_is_that_of_the_log_loss() -> None:
    head, rng = MlpHead(3, units=4, rate=0.0), np.random.default_rng(7)
    weights = [rng.standard_normal(part.shape) for part in head.weights]
    head.state = (*(part.astype(np.float32) for part in weights), *map(np.zeros_like, head.squares))
    x = rng.standard_normal(3)

    head.learn(x[None].astype(np.float32), np.ones(1, np.float32))

    slopes, small = [np.zeros_like(part) for part in weights], 1e-6
    for part, slope in zip(weights, slopes, strict=True):
        for at in np.ndindex(part.shape):
            kept, cost = part[at], []
            for moved in (kept + small, kept - small):
                part[at] = moved
                cost.append(np.log1p(np.exp(-logit(weights, x))))
            part[at], slope[at] = kept, (cost[0] - cost[1]) / (2 * small)
    for squares, slope in zip(head.squares, slopes, strict=True):
        np.testing.assert_allclose(np.sqrt(squares), np.abs(slope), rtol=1e-3, atol=1e-5)
    assert (head.squares[0] == 0).all(axis=1).any() and (
        head.squares[0] != 0
    ).any()  # some units sleep, some do not


def test_a_step_goes_against_the_slope_at_adagrads_length() -> None:
    head = MlpHead(1, units=1, rate=0.1)
    f32 = np.float32
    head.state = (
        *(np.array(part, f32) for part in ([[2.0]], [0.5], [0.1, 0.2], [1.0])),
        *(np.zeros_like(part) for part in head.squares),
    )

    head.learn(np.ones((1, 1), f32), np.zeros(1, f32))

    g = 1 / (1 + np.exp(-2.8))  # h = 2.5, s = .1 + .2 + 2.5
    step = 0.1 * g / np.sqrt(g**2 + 0.01)
    into, bias, skip, top = (part.ravel().tolist() for part in head.weights)
    np.testing.assert_allclose(
        [*into, *bias, *skip], [2 - step, 0.5 - step, 0.1 - step, 0.2 - step], rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(top, [1 - 0.1 * 2.5 * g / np.sqrt((2.5 * g) ** 2 + 0.01)], rtol=1e-6)


def test_units_see_what_a_line_cannot() -> None:
    rng = np.random.default_rng(7)
    x = rng.standard_normal((6_000, 4)).astype(np.float32)
    y = (rng.random(6_000) < 1 / (1 + np.exp(-4 * x[:, 0] * x[:, 1]))).astype(np.float32)
    mlp, line = MlpHead(4), LogisticHead(4)

    for head in (mlp, line):
        head.learn(x[:5_000], y[:5_000])

    assert loss("binary", mlp.predict(x[5_000:]), y[5_000:]) < 0.45
    assert loss("binary", line.predict(x[5_000:]), y[5_000:]) > 0.65


def test_its_first_weights_follow_the_seed() -> None:
    first, same, other = MlpHead(3, seed=1), MlpHead(3, seed=1), MlpHead(3, seed=2)

    np.testing.assert_array_equal(first.weights[0], same.weights[0])
    assert (first.weights[0] != other.weights[0]).all()
