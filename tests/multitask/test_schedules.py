"""Laws of every schedule; their steps are shown in their own files."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from multitask.worlds import FEATURES, SMALL, TASKS, examples

from online_model.multitask import BALANCERS, SCHEDULES, Recipe, build, fit
from online_model.multitask.examples import losses

every_schedule = pytest.mark.parametrize("name", SCHEDULES)


@every_schedule
@given(steps=st.integers(1, 40), tasks=st.integers(1, 6))
def test_each_step_has_a_task_and_each_task_a_step(name: str, steps: int, tasks: int) -> None:
    """Each task: where there are as many steps as tasks."""
    plan = [SCHEDULES[name](step, steps, tasks) for step in range(steps)]

    assert all(plan) and all(list(active) == sorted(set(active)) for active in plan)
    trained = {task for active in plan for task in active}
    assert trained == set(range(tasks)) if steps >= tasks else trained <= set(range(tasks))


@every_schedule
def test_every_task_is_learned_on_it(name: str) -> None:
    data = examples(600)
    recipe = Recipe(
        architecture="shared-bottom", schedule=name, sizes=SMALL, epochs=10, batch=20, learning_rate=1e-2
    )

    trained = fit(recipe, FEATURES, TASKS, data).model.state_dict()

    untrained = build(recipe, FEATURES, TASKS).state_dict()
    assert all(not torch.equal(trained[key], untrained[key]) for key in trained if "weight" in key)


@every_schedule
@pytest.mark.parametrize("balancing", BALANCERS)
def test_every_balancing_learns_on_it(name: str, balancing: str) -> None:
    data = examples(200)
    recipe = Recipe(
        architecture="shared-bottom",
        balancing=balancing,
        schedule=name,
        sizes=SMALL,
        epochs=10,
        batch=20,
        learning_rate=1e-2,
    )

    trained = fit(recipe, FEATURES, TASKS, data).model

    before, after = (
        losses(model(data.inputs), data.labels) for model in (build(recipe, FEATURES, TASKS), trained)
    )
    assert (after < before).all()


def test_a_task_that_has_not_joined_yet_keeps_its_tower() -> None:
    data = examples(20)
    recipe = Recipe(
        architecture="shared-bottom", schedule="alternating", sizes=SMALL, epochs=1, batch=100, weight_decay=0
    )

    trained = fit(recipe, FEATURES, TASKS, data).model.state_dict()  # one step: the first task's

    before = build(recipe, FEATURES, TASKS).state_dict()
    moved = {
        key.partition(".")[0] + key.partition(".")[2][:1]
        for key in trained
        if not torch.equal(trained[key], before[key])
    }
    assert {"towers0", "weights0"} <= moved and not {"towers1", "towers2"} & moved
