"""The sampled losses are what their formulas say, and in the mean what the whole softmax gives."""

import math

import numpy as np
import torch

from online_model.encoder.losses import among_all, among_rivals


def test_among_rivals_by_hand() -> None:
    """A chosen row with logit 1; a rival with logit 0, here by a chance of one in four; a place not used."""
    loss = among_rivals(torch.tensor([[1.0, 0.0, 5.0]]), torch.tensor([[0.0, math.log(0.25), math.inf]]))

    np.testing.assert_allclose(loss, [math.log(math.e + 4) - 1], rtol=1e-6)


def test_among_all_by_hand_the_same_item_is_no_rival() -> None:
    """Three choices of items 7, 8 and 7: the first two have one rival each, corrected by its share; b − 1 = 2."""
    users, items = torch.tensor([[1.0], [2.0], [0.0]]), torch.tensor([[1.0], [0.5], [1.0]])
    log_q = torch.log(torch.tensor([2 / 3, 1 / 3, 2 / 3]))

    loss, log_sum = among_all(users, items, torch.tensor([7, 8, 7]), log_q)

    rival = math.exp(0.5) / (1 / 3) / 2
    rivals_of_8 = 2 * math.exp(2.0) / (2 / 3) / 2
    expected = [math.log(math.e + rival), math.log(math.e + rivals_of_8), math.log(1 + 1 / (1 / 3) / 2)]
    np.testing.assert_allclose(log_sum, expected, rtol=1e-6)
    np.testing.assert_allclose(loss, np.array(expected) - [1.0, 1.0, 0.0], rtol=1e-6)


def test_the_sum_over_a_sample_is_in_the_mean_the_sum_over_all() -> None:
    """logQ correction: popular items stand in the batch more often, and count so much less."""
    draw, n = np.random.default_rng(7), 50
    share = draw.dirichlet(np.ones(n))
    logits = draw.normal(size=n)
    chosen = draw.choice(n, (20_000, 64), p=share)
    odds = np.log(share[chosen] * 64)  # expected times in a sample of 64

    estimates = [
        among_rivals(torch.tensor(np.append(0.0, logits[row]))[None], torch.tensor(np.append(0.0, odd))[None])
        .exp()
        .item()
        - 1
        for row, odd in zip(chosen[:4_000], odds[:4_000], strict=True)
    ]

    error = np.std(estimates) / math.sqrt(len(estimates))
    assert abs(np.mean(estimates) - np.exp(logits).sum()) < 4 * error
