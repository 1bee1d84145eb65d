"""What holds for every ranker: it learns along the slope of its loss, and an item's score is its own."""

import numpy as np
import pytest
from numpy.typing import NDArray

from online_model import ModelSettings
from online_model.rankers import RANKERS, Ranker

WIDTH, TASKS, ROWS = 9, 2, 7
SETTINGS = ModelSettings(units=8)
# Arrays of weights, which a state begins with; as many of AdaGrad's sums follow.
WEIGHTS = {"linear": 1, "relu": 4}


def learned(name: str) -> tuple[Ranker, NDArray[np.float32]]:
    """A ranker with random weights and mean, and rows of which some features are 0, as in a list."""
    rng, ranker, n = np.random.default_rng(3), RANKERS[name](WIDTH, TASKS, SETTINGS), WEIGHTS[name]
    for part in ranker.state[:n] + ranker.state[2 * n : -1]:
        part[...] = rng.normal(scale=0.5, size=part.shape)
    x = rng.normal(size=(WIDTH, ROWS)).astype(np.float32)
    x[:4, 3:] = x[5, 1] = 0
    return ranker, x


@pytest.mark.parametrize("name", RANKERS)
def test_a_first_step_is_along_the_slope_of_the_loss(name: str) -> None:
    """AdaGrad's sums are the squared slopes after one step, and the step's sign is against them."""
    ranker, x = learned(name)
    odds = np.array([1, 1, 0.5, 0.2, 1, 0.7, 0.3], np.float32)
    labels, task, out = np.zeros(ROWS, np.int8), 1, np.empty((TASKS, ROWS), np.float32)
    n = WEIGHTS[name]
    weights, squares = ranker.state[:n], ranker.state[n : 2 * n]
    before = [part.copy() for part in weights]

    def loss() -> float:
        ranker.score(x, out)
        z = out[task] - np.log(odds)
        return float(np.logaddexp.reduce(z.astype(np.float64)) - z[0])

    wanted = []
    for part in weights:
        slope = np.zeros(part.shape)
        for at in np.ndindex(part.shape):
            kept, sides = part[at], []
            for moved in (kept + 1e-2, kept - 1e-2):
                part[at] = moved
                sides.append(loss())
            part[at], slope[at] = kept, (sides[0] - sides[1]) / 2e-2
        wanted.append(slope)
    ranker.learn(x, odds, labels, task, 0)

    for was, now, square, slope in zip(before, weights, squares, wanted, strict=True):
        np.testing.assert_allclose(np.sign(was - now) * np.sqrt(square), slope, atol=5e-3)


@pytest.mark.parametrize("name", RANKERS)
def test_an_item_scores_alone_as_it_does_in_a_list(name: str) -> None:
    """To the last bit, though zeros at the end of a list are passed over."""
    ranker, x = learned(name)
    whole, alone = np.empty((TASKS, ROWS), np.float32), np.empty((TASKS, 1), np.float32)

    ranker.score(x, whole)

    for i in range(ROWS):
        ranker.score(np.ascontiguousarray(x[:, i : i + 1]), alone)
        np.testing.assert_array_equal(alone[:, 0], whole[:, i])
