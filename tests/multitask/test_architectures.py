"""Laws of every architecture; then each one's formula, by hand or by what it must be equal to."""

import math
from itertools import chain

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from multitask.worlds import FEATURES, SMALL, TASKS, examples, inputs, stacked
from torch import Tensor, nn

from online_model.multitask import (
    ARCHITECTURES,
    Architecture,
    Features,
    Inputs,
    Recipe,
    Sizes,
    build,
    fit,
    predict,
    shared_parameters,
)
from online_model.multitask.architectures.aitm import Aitm, Transfer
from online_model.multitask.architectures.cross_stitch import CrossStitch
from online_model.multitask.architectures.esmm import Esmm, both
from online_model.multitask.architectures.mmoe import Mmoe
from online_model.multitask.architectures.ple import Level, Ple
from online_model.multitask.architectures.shared_bottom import SharedBottom
from online_model.multitask.architectures.single import Single
from online_model.multitask.architectures.soft import Soft
from online_model.multitask.examples import losses

every_architecture = pytest.mark.parametrize("name", ARCHITECTURES)


def untrained(name: str, tasks: tuple[str, ...] = TASKS, seed: int = 1) -> Architecture:
    return build(Recipe(architecture=name, sizes=SMALL, seed=seed), FEATURES, tasks)


def parameters(name: str) -> int:
    return sum(parameter.numel() for parameter in untrained(name).parameters())


@every_architecture
@pytest.mark.parametrize("tasks", [TASKS[:1], TASKS[:2], TASKS])
@pytest.mark.parametrize("rows", [1, 7])
def test_there_is_one_logit_a_row_for_each_task_in_their_order(
    name: str, tasks: tuple[str, ...], rows: int
) -> None:
    logits = untrained(name, tasks)(inputs(rows))

    assert all((logit.shape, logit.dtype) == ((rows,), torch.float32) for logit in logits.values())
    assert tuple(logits) == tasks


@every_architecture
def test_the_seed_and_nothing_else_decides_the_weights(name: str) -> None:
    first, again, other = (untrained(name, seed=seed) for seed in (1, 1, 2))
    x = inputs(5)

    assert torch.equal(stacked(first(x)), stacked(again(x)))
    assert not torch.equal(stacked(first(x)), stacked(other(x)))


@every_architecture
def test_a_row_is_scored_without_a_look_at_the_others(name: str) -> None:
    model, x = untrained(name), inputs(6)

    alone = torch.cat([stacked(model(x.rows(torch.tensor([row])))) for row in range(6)])

    torch.testing.assert_close(stacked(model(x)), alone)


@every_architecture
def test_the_model_trained_and_evaluated_has_every_parameter_reached_by_some_task(name: str) -> None:
    model, data = untrained(name), examples(200)
    reached: set[str] = set()
    for loss in losses(model(data.inputs), data.labels):
        model.zero_grad()
        torch.autograd.backward(loss, retain_graph=True)
        of_task = {key for key, p in model.named_parameters() if p.grad is not None and p.grad.any()}
        assert any("table" in key for key in of_task) and any(
            "tower" in key or "conditionals" in key for key in of_task
        )
        reached |= of_task

    assert reached == {key for key, _ in model.named_parameters()}


@every_architecture
def test_training_learns_what_there_is_to_learn(name: str) -> None:
    data = examples(600)
    recipe = Recipe(architecture=name, sizes=SMALL, epochs=25, batch=32, learning_rate=1e-2)

    fitted = fit(recipe, FEATURES, TASKS, data)

    fresh = examples(600, seed=1)
    rate = fresh.labels.mean(0)
    chance = -(rate * rate.log() + (1 - rate) * (1 - rate).log())
    left = losses(fitted.model(fresh.inputs), fresh.labels)
    assert (left < 0.5 * chance).all(), f"{left} nats are left of {chance}"


@every_architecture
def test_the_penalty_is_a_number_from_0_on(name: str) -> None:
    model = untrained(name)
    penalty = model.penalty(model(inputs(5)))

    assert penalty.shape == () and penalty >= 0


@every_architecture
def test_it_can_be_stored_and_taken_up_again(name: str) -> None:
    model, other, x = untrained(name), untrained(name, seed=2), inputs(5)

    other.load_state_dict(model.state_dict())

    assert (predict(model, x) == predict(other, x)).all()


@pytest.mark.parametrize("name", ["single", "soft"])
def test_own_networks_share_nothing(name: str) -> None:
    assert shared_parameters(untrained(name), inputs(1)) == ()


def test_what_is_shared_is_what_two_tasks_reach() -> None:
    model = untrained("shared-bottom")
    shared = set(shared_parameters(model, inputs(1)))

    names = {key for key, parameter in model.named_parameters() if parameter in shared}

    assert names == {"inputs.table.weight", "weights.0.weight", "weights.1.weight", "biases.0", "biases.1"}


# --- what each computes ---------------------------------------------------------------------------------------------

TINY = Sizes(embedding=1, hidden=(2,), tower=1)
NUMBER = Features(dense=1, vocabularies=())


def number(value: float) -> Inputs:
    return Inputs(torch.tensor([[value]]), torch.zeros(1, 0, dtype=torch.int64))


def set_tower(tower: nn.Module, *, inner: list[float], scale: float, shift: float) -> None:
    """logit = scale · max(0, inner · h) + shift"""
    values = torch.tensor([inner]), torch.zeros(1), torch.tensor([[scale]]), torch.tensor([shift])
    set_all(tower, *values)


def set_all(module: nn.Module, *values: Tensor) -> None:
    with torch.no_grad():
        for parameter, value in zip(module.parameters(), values, strict=True):
            parameter.copy_(value)


def shared_bottom_of_two(own_biases: bool) -> SharedBottom:
    model = SharedBottom(NUMBER, ("a", "b"), TINY, own_biases=own_biases)
    set_all(model.weights, torch.tensor([[1.0], [-1.0]]))
    set_tower(model.towers[0], inner=[1, 1], scale=3, shift=1)
    set_tower(model.towers[1], inner=[0, 1], scale=2, shift=-1)
    return model


def test_a_file_of_numbers_alone_needs_no_embedding() -> None:
    assert shared_bottom_of_two(own_biases=False)(number(2.0))["a"].tolist() == [7.0]


@pytest.mark.parametrize(("x", "a", "b"), [(2.0, 3 * 2 + 1, 2 * 0 - 1), (-3.0, 3 * 3 + 1, 2 * 3 - 1)])
def test_shared_bottom_by_hand(x: float, a: float, b: float) -> None:
    """h = (max(0, x), max(0, −x))."""
    logits = shared_bottom_of_two(own_biases=False)(number(x))

    assert (logits["a"].item(), logits["b"].item()) == (a, b)


def test_own_biases_move_the_units_of_their_task_alone() -> None:
    model = shared_bottom_of_two(own_biases=True)
    with torch.no_grad():
        model.biases[0].copy_(torch.tensor([[[0.5, 0.0]], [[0.0, 4.0]]]))

    logits = model(number(2.0))

    assert logits["a"].item() == 3 * 2.5 + 1  # h = (2.5, 0)
    assert logits["b"].item() == 2 * 2 - 1  # h = (2, 2)


def test_soft_starts_as_one_network_and_pays_for_every_step_apart() -> None:
    model = Soft(NUMBER, ("a", "b"), TINY, strength=0.5)
    n = sum(parameter.numel() for parameter in model.networks[0].parameters())

    assert model.penalty({}).item() == 0
    for network, value in zip(model.networks, (0.0, 2.0), strict=True):
        set_all(network, *(torch.full_like(parameter, value) for parameter in network.parameters()))
    assert model.penalty({}).item() == 0.5 * n * (1 + 1)  # both are 1 away from the mean


def test_cross_stitch_at_identity_is_single() -> None:
    single, stitched = Single(FEATURES, TASKS, SMALL), CrossStitch(FEATURES, TASKS, SMALL)
    stitched.load_state_dict(single.state_dict(), strict=False)
    with torch.no_grad():
        stitched.stitches.copy_(torch.eye(3).repeat(2, 1, 1))
    x = inputs(20)

    torch.testing.assert_close(stacked(stitched(x)), stacked(single(x)))


def test_cross_stitch_starts_with_nine_tenths_of_its_own() -> None:
    expected = torch.tensor([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]])

    torch.testing.assert_close(
        CrossStitch(FEATURES, TASKS, SMALL).stitches.detach(), expected.repeat(2, 1, 1)
    )


def test_cross_stitch_mixes_what_the_layers_found() -> None:
    model, x = CrossStitch(FEATURES, ("a", "b"), Sizes(hidden=(8,))), inputs(20)
    a, b = model.networks
    h_a, h_b = (network.layers[0](network.inputs(x)) for network in (a, b))
    with torch.no_grad():
        model.stitches.copy_(torch.tensor([[[0.0, 1.0], [0.25, 0.5]]]))

    logits = model(x)

    torch.testing.assert_close(logits["a"], a.tower(h_b))
    torch.testing.assert_close(logits["b"], b.tower(0.25 * h_a + 0.5 * h_b))


def test_mmoe_with_one_expert_is_a_shared_bottom() -> None:
    model, x = Mmoe(FEATURES, TASKS, Sizes(experts=1)), inputs(20)
    h = model.experts[0](model.inputs(x))

    expected = torch.stack([tower(h) for tower in model.towers], dim=1)

    torch.testing.assert_close(stacked(model(x)), expected)


def test_mmoe_mixes_experts_by_the_softmax_of_its_gate() -> None:
    model = Mmoe(NUMBER, ("a", "b"), Sizes(hidden=(2,), tower=1, experts=2))
    set_all(model.experts, *map(torch.tensor, ([[1.0], [0.0]], [0.0, 0.0], [[0.0], [1.0]], [0.0, 0.0])))
    set_all(model.gates, torch.tensor([[math.log(3.0)], [0.0]]), torch.zeros(2, 1))
    for tower in model.towers:
        set_tower(tower, inner=[1, 10], scale=1, shift=0)

    logits = model(number(1.0))  # experts find (1, 0) and (0, 1); a's gate is (3/4, 1/4), b's (1/2, 1/2)

    assert logits["a"].item() == pytest.approx(0.75 + 10 * 0.25)
    assert logits["b"].item() == pytest.approx(0.5 + 10 * 0.5)


def test_a_level_without_shared_experts_is_each_task_for_itself() -> None:
    level = Level(2, 4, 3, own=1, shared=0, last=True)
    a, b = torch.randn(5, 4), torch.randn(5, 4)

    out = level([a, b, torch.zeros(5, 4)])

    torch.testing.assert_close(out, [level.experts[0][0](a), level.experts[1][0](b)])


def test_a_level_with_even_gates_is_the_mean_of_what_each_stream_sees() -> None:
    level = Level(2, 4, 3, own=1, shared=1, last=False)
    set_all(level.gates, *(torch.zeros_like(gate) for gate in level.gates.parameters()))
    streams = [torch.randn(5, 4) for _ in range(3)]
    a, b, shared = (experts[0](h) for experts, h in zip(level.experts, streams, strict=True))

    out = level(streams)

    torch.testing.assert_close(out, [(a + shared) / 2, (b + shared) / 2, (a + b + shared) / 3])


def test_ple_has_a_level_for_each_hidden_width_and_its_last_feeds_only_the_tasks() -> None:
    levels = Ple(FEATURES, TASKS, SMALL).levels

    assert [[gate.out_features for gate in level.gates] for level in levels] == [[4, 4, 4, 8], [4, 4, 4]]


def test_transfer_weighs_what_came_over_against_its_own_by_attention() -> None:
    transfer = Transfer(2)
    same = torch.eye(2)
    set_all(transfer.carry, same, torch.zeros(2))
    for layer in (transfer.key, transfer.query, transfer.value):
        set_all(layer, same, torch.zeros(2))

    z = transfer(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]]))

    w = 1 / (1 + math.exp((4 - 1) / math.sqrt(2)))  # ⟨p, p⟩ = 1, ⟨q, q⟩ = 4
    torch.testing.assert_close(z, torch.tensor([[w, 2 * (1 - w)]]))


def test_in_aitm_a_task_reaches_back_along_the_chain_and_never_ahead() -> None:
    model, x = untrained("aitm"), inputs(20)
    bottoms = [next(bottom.parameters()) for bottom in model.get_submodule("bottoms")]

    reached = [
        [
            gradient is not None
            for gradient in torch.autograd.grad(logit.sum(), bottoms, retain_graph=True, allow_unused=True)
        ]
        for logit in model(x).values()
    ]

    assert reached == [[True, False, False], [True, True, False], [True, True, True]]


def test_the_calibrator_of_aitm_charges_for_a_later_step_above_the_one_before() -> None:
    model = Aitm(FEATURES, TASKS, SMALL, calibrator=0.6)
    p = torch.tensor([[0.5, 0.4], [0.25, 0.5], [0.5, 0.9]])  # [tasks, rows]

    penalty = model.penalty(dict(zip(TASKS, torch.logit(p), strict=True)))

    assert penalty.item() == pytest.approx(0.6 * ((0 + 0.25) + (0.1 + 0.4)) / 2)


finite = st.floats(-80, 80, width=32)


@given(finite, finite)
def test_the_logit_of_both_is_that_of_the_product(a: float, b: float) -> None:
    logit = both(torch.tensor(a), torch.tensor(b)).item()

    assert logit <= min(a, b)
    odds_against = math.exp(-a) + math.exp(-b) + math.exp(-a - b)
    assert logit == pytest.approx(-math.log(odds_against), rel=1e-5, abs=1e-5)


@given(st.integers(0, 100), st.floats(0.1, 100))
def test_in_esmm_a_later_task_is_never_likelier_than_the_one_before(seed: int, scale: float) -> None:
    model = untrained("esmm", seed=seed)
    x = inputs(20, seed)

    logits = stacked(model(Inputs(scale * x.dense, x.categories)))

    assert (logits[:, 1:] <= logits[:, :-1]).all()


def test_esmm_multiplies_the_conditionals() -> None:
    model, x = Esmm(FEATURES, TASKS, SMALL), inputs(20)
    h = model.inputs(x)
    conditional = torch.sigmoid(torch.stack([network(h) for network in model.conditionals], dim=1))

    torch.testing.assert_close(torch.sigmoid(stacked(model(x))), conditional.cumprod(dim=1))


@pytest.mark.parametrize(
    ("larger", "smaller"), [("shared-bottom-own-biases", "shared-bottom"), ("cross-stitch", "single")]
)
def test_what_sharing_costs_in_parameters(larger: str, smaller: str) -> None:
    extra = {"shared-bottom-own-biases": 2 * sum(SMALL.hidden), "cross-stitch": 2 * 3 * 3}

    assert parameters(larger) - parameters(smaller) == extra[larger]


def test_every_file_of_an_architecture_is_in_the_table() -> None:
    """A file that no name leads to would be tested by nobody."""
    made = {type(untrained(name)) for name in ARCHITECTURES}

    assert made == set(chain.from_iterable(_and_below(cls) for cls in Architecture.__subclasses__()))


def _and_below(cls: type[Architecture]) -> list[type[Architecture]]:
    return [cls, *chain.from_iterable(_and_below(below) for below in cls.__subclasses__())]
