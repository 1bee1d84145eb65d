"""Laws of every balancer; then each one's formula, by hand on two quadratics."""

import math
from collections.abc import Callable

import pytest
import torch
from multitask.worlds import FEATURES, SMALL, TASKS, examples
from torch import Tensor, nn

from online_model.multitask import BALANCERS, Balancer, Recipe, Step, fit
from online_model.multitask.balancing.dwa import Dwa
from online_model.multitask.balancing.fixed import Fixed
from online_model.multitask.balancing.gradnorm import GradNorm
from online_model.multitask.balancing.meta import Meta
from online_model.multitask.balancing.pcgrad import PcGrad
from online_model.multitask.balancing.uncertainty import Uncertainty

every_balancer = pytest.mark.parametrize("name", BALANCERS)


class Quadratics(nn.Module):
    """L₁ = (w − 1)² / 2 + (a − 1)² / 2, L₂ = 2 (w + 1)² + (b + 1)² / 2: they share w and disagree about it.

    All begin at 0: L = (1, 2.5), ∂L/∂w = (−1, 4), ∂L₁/∂a = −1, ∂L₂/∂b = 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.w, self.a, self.b = (nn.Parameter(torch.zeros(1)) for _ in range(3))

    def losses(self, tasks: tuple[int, ...] = (0, 1)) -> Tensor:
        first = (self.w - 1).square() / 2 + (self.a - 1).square() / 2
        second = 2 * (self.w + 1).square() + (self.b + 1).square() / 2
        return torch.cat([(first, second)[task] for task in tasks])

    def step(self, *tasks: int, held_out: Callable[[], Tensor] | None = None) -> Step:
        tasks = tasks or (0, 1)
        return Step(self.losses(tasks), tasks, (self.w,), held_out or self.losses)

    def gradients(self) -> list[float | None]:
        """By w, a and b."""
        return [None if p.grad is None else p.grad.item() for p in (self.w, self.a, self.b)]


def after(
    balancer: Balancer, *tasks: int, held_out: Callable[[], Tensor] | None = None
) -> list[float | None]:
    model = Quadratics()
    balancer.backward(model.step(*tasks, held_out=held_out))
    return model.gradients()


@every_balancer
def test_the_first_step_is_nearly_the_plain_sum_for_the_tasks_own_parameters(name: str) -> None:
    _, a, b = after(BALANCERS[name](2))

    assert (a, b) == (-1, 1)


@every_balancer
@pytest.mark.parametrize(("task", "expected"), [(0, [-1, -1, None]), (1, [4, None, 1])])
def test_a_step_of_one_task_leaves_the_others_parameters_alone(
    name: str, task: int, expected: list[float | None]
) -> None:
    assert after(BALANCERS[name](2), task) == expected


@every_balancer
def test_gradients_are_added_to_those_already_there(name: str) -> None:
    torch.manual_seed(0)
    w, a, b = after(BALANCERS[name](2))
    model = Quadratics()
    for parameter in model.parameters():
        parameter.grad = torch.tensor([10.0])

    BALANCERS[name](2).backward(model.step())

    assert w is not None and a is not None and b is not None
    assert model.gradients() == [10 + w, 10 + a, 10 + b]


@every_balancer
def test_no_parameter_of_the_model_moves_in_the_backward_pass(name: str) -> None:
    model = Quadratics()

    BALANCERS[name](2).backward(model.step())

    assert [parameter.item() for parameter in model.parameters()] == [0, 0, 0]


@every_balancer
def test_every_task_reaches_its_end_and_the_shared_weight_one_between(name: str) -> None:
    model, balancer = Quadratics(), BALANCERS[name](2)
    optimizer = torch.optim.SGD([*model.parameters(), *balancer.parameters()], lr=0.05)
    for _epoch in range(40):
        for _ in range(10):
            optimizer.zero_grad()
            balancer.backward(model.step())
            optimizer.step()
        balancer.end_epoch(model.losses().detach())

    assert model.a.item() == pytest.approx(1, abs=0.02)
    assert model.b.item() == pytest.approx(-1, abs=0.02)
    assert -1 <= model.w.item() <= 1


@every_balancer
def test_the_same_seed_gives_the_same_weights(name: str) -> None:
    data, recipe = examples(100), Recipe(architecture="mmoe", balancing=name, sizes=SMALL, epochs=3, batch=20)

    first, second = (fit(recipe, FEATURES, TASKS, data).model.state_dict() for _ in range(2))

    assert all(torch.equal(first[key], second[key]) for key in first)


def test_fixed_is_the_plain_sum() -> None:
    assert after(Fixed(2)) == [3, -1, 1]


def test_uncertainty_by_hand() -> None:
    balancer, model = Uncertainty(2), Quadratics()
    with torch.no_grad():
        balancer.log_variance.copy_(torch.tensor([0.0, math.log(2)]))  # weights 1 and 1/2

    balancer.backward(model.step())

    assert model.gradients() == pytest.approx([-1 + 4 / 2, -1, 1 / 2])
    assert balancer.log_variance.grad is not None
    assert balancer.log_variance.grad.tolist() == pytest.approx([-1 + 1 / 2, -2.5 / 2 + 1 / 2])


def test_dwa_by_hand() -> None:
    balancer = Dwa(2)
    balancer.end_epoch(torch.tensor([1.0, 1.0]))
    assert balancer.weights.tolist() == [1, 1]

    balancer.end_epoch(torch.tensor([0.5, 1.0]))

    slow = 2 / (1 + math.exp((0.5 - 1) / 2))  # ratios 1/2 and 1, temperature 2
    assert balancer.weights.tolist() == pytest.approx([2 - slow, slow])
    assert after(balancer) == pytest.approx([-(2 - slow) + 4 * slow, -(2 - slow), slow])


def test_dwa_takes_a_task_without_steps_as_one_that_stands_still() -> None:
    balancer = Dwa(2)
    balancer.end_epoch(torch.tensor([1.0, torch.nan]))

    balancer.end_epoch(torch.tensor([1.0, 0.1]))

    assert balancer.weights.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("first", "moved"),
    [
        # G = (1, 4), Ḡ = 2.5, both at the same pace: the first pulls too weakly, the second too hard
        ([1.0, 2.5], [1 + 0.025 * 1, 1 - 0.025 * 4]),
        # pace (.45, 1), r = (.621, 1.379): wanted 2.5 r^1.5 = (1.22, 4.05), so both pull too weakly
        ([1 / 0.45, 2.5], [1 + 0.025 * 1, 1 + 0.025 * 4]),
    ],
)
def test_gradnorm_by_hand(first: list[float], moved: list[float]) -> None:
    balancer = GradNorm(2)
    balancer.first.copy_(torch.tensor(first))

    assert after(balancer) == [3, -1, 1]  # the step itself is weighed as before it
    assert balancer.weights.tolist() == pytest.approx([2 * w / sum(moved) for w in moved])


def test_gradnorm_remembers_the_first_loss_of_each_task() -> None:
    balancer = GradNorm(2)

    after(balancer, 1)
    assert balancer.first.isnan().tolist() == [True, False]
    after(balancer)

    assert balancer.first.tolist() == [1, 2.5]


def test_pcgrad_by_hand() -> None:
    """g₁ = (1, 0), g₂ = (−1, 1): g₁ − (−1/2) g₂ = (½, ½), g₂ − (−1/1) g₁ = (0, 1)."""
    w, own = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(1))
    losses = torch.stack([w[0] + 2 * own[0], w[1] - w[0] + own[0]])

    PcGrad(2).backward(Step(losses, (0, 1), (w,), lambda: losses))

    assert w.grad is not None and own.grad is not None
    assert w.grad.tolist() == [0.5, 1.5]
    assert own.grad.tolist() == [3]


def test_pcgrad_leaves_tasks_that_agree_alone() -> None:
    w = nn.Parameter(torch.zeros(2))
    losses = torch.stack([w[0], w[0] + w[1]])

    PcGrad(2).backward(Step(losses, (0, 1), (w,), lambda: losses))

    assert w.grad is not None and w.grad.tolist() == [2, 1]


def test_pcgrad_needs_no_gradient_on_what_it_corrects() -> None:
    """A shared parameter that no loss of this step reaches gets none."""
    w, idle = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(2))
    losses = torch.stack([w[0], -w[0] + w[1]])

    PcGrad(2).backward(Step(losses, (0, 1), (w, idle), lambda: losses))

    assert w.grad is not None and w.grad.tolist() == [0.5, 1.5]
    assert idle.grad is None or idle.grad.tolist() == [0, 0]


def test_meta_by_hand() -> None:
    """Trial step: w' = 0 − .1 (−1 + 4) = −.3. Held out (w − 2)² / 2, so ∇H = −2.3: task 1 helps, task 2 hurts."""
    balancer, model = Meta(2), Quadratics()

    def held_out() -> Tensor:
        assert model.w.item() == pytest.approx(-0.3)
        return torch.cat([(model.w - 2).square() / 2, model.w * 0])

    balancer.backward(model.step(held_out=held_out))

    assert model.gradients() == [3, -1, 1]
    by_weight = [-0.1 * -2.3 * -1, -0.1 * -2.3 * 4]  # of the held-out loss
    mean = sum(by_weight) / 2
    assert balancer.logits.tolist() == pytest.approx([-10 * (d - mean) for d in by_weight])


def test_meta_weighs_the_next_step_by_what_it_learned() -> None:
    balancer = Meta(2)
    balancer.logits.copy_(torch.tensor([math.log(3), 0.0]))  # weights 3/2 and 1/2

    assert after(balancer) == pytest.approx([-1 * 1.5 + 4 * 0.5, -1.5, 0.5])
