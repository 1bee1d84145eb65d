"""Task affinity and the gradients behind it."""

import torch
from torch import nn

from online_model.multitask import affinity
from online_model.multitask.gradients import cut, task_gradients


def test_affinity_is_the_cosine_of_the_gradients() -> None:
    w = nn.Parameter(torch.zeros(2))
    losses = torch.stack([w[0], w[0] + w[1], -2 * w[0], 0 * w[1]])

    half = 0.5**0.5
    expected = [[1, half, -1, 0], [half, 1, -half, 0], [-1, -half, 1, 0], [0, 0, 0, 0]]
    torch.testing.assert_close(affinity(losses, [w]), torch.tensor(expected))


def test_gradients_come_in_the_parameters_order_and_0_where_a_loss_does_not_reach() -> None:
    first, second = nn.Parameter(torch.ones(1, 2)), nn.Parameter(torch.ones(1))
    losses = torch.stack([(first * torch.tensor([2.0, 3.0])).sum(), 5 * second[0]])

    rows = task_gradients(losses, [first, second])

    assert rows.tolist() == [[2, 3, 0], [0, 0, 5]]
    assert [part.tolist() for part in cut(rows[0], [first, second])] == [[[2, 3]], [0]]
    assert first.grad is None and second.grad is None
