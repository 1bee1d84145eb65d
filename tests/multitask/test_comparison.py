"""The comparison: its runs, that the rows held out stay out of the learning, and its table."""

import msgspec
import pytest
from multitask.worlds import FEATURES, SMALL, TASKS, examples

from online_model.multitask import ARCHITECTURES, BALANCERS, Problem, Recipe, fit
from online_model.multitask.comparison import Run, measure, recipes, rows

BASE = Recipe(architecture="mmoe", sizes=SMALL, epochs=2, batch=50)


@pytest.fixture(scope="module")
def problem() -> Problem:
    return Problem(TASKS, FEATURES, examples(300), examples(100, seed=1))


def quiet(step: int, steps: int) -> None:
    pass


def test_the_control_is_always_there_and_first_and_once(problem: Problem) -> None:
    for asked in (["mmoe"], ["mmoe", "single"], ["mmoe", "mmoe"]):
        made = recipes(problem, asked, ["pcgrad", "dwa"], 2, BASE)

        assert [(r.architecture, r.balancing, r.seed) for r in made] == [
            ("single", "fixed", 1),
            ("single", "fixed", 2),
            ("mmoe", "pcgrad", 1),
            ("mmoe", "pcgrad", 2),
            ("mmoe", "dwa", 1),
            ("mmoe", "dwa", 2),
        ]


def test_all_by_all_is_six_ways_for_each_that_shares_and_one_for_each_that_does_not(problem: Problem) -> None:
    made = recipes(problem, list(ARCHITECTURES), list(BALANCERS), 1, BASE)

    assert len(made) == (len(ARCHITECTURES) - 2) * len(BALANCERS) + 2
    assert all(r.sizes == SMALL and r.epochs == 2 for r in made)


def test_the_labels_held_out_change_the_figures_and_nothing_else(problem: Problem) -> None:
    turned = problem._replace(test=problem.test._replace(labels=1 - problem.test.labels))

    true, false = (measure(BASE, p, quiet) for p in (problem, turned))

    assert false.auc == pytest.approx({task: 1 - auc for task, auc in true.auc.items()})
    assert false.affinity == true.affinity


def test_a_run_has_the_affinity_of_what_is_shared(problem: Problem) -> None:
    single = measure(msgspec.structs.replace(BASE, architecture="single"), problem, quiet)
    shared = measure(BASE, problem, quiet)

    assert single.affinity is None and shared.affinity is not None
    assert [shared.affinity[t][t] for t in range(3)] == pytest.approx([1, 1, 1])
    assert shared.affinity[0][1] == pytest.approx(shared.affinity[1][0])
    assert shared.affinity[0][1] > 0  # tasks on the same liking


def test_progress_goes_from_the_first_step_to_the_last(problem: Problem) -> None:
    told: list[tuple[int, int]] = []

    measure(BASE, problem, lambda step, steps: told.append((step, steps)))

    steps = 2 * -(-270 // 50)  # 2 epochs over nine tenths of 300, 50 at a time
    assert told == [(step, steps) for step in range(1, steps + 1)]


def test_where_nothing_is_shared_every_balancing_is_the_plain_sum(problem: Problem) -> None:
    fixed, other = (
        fit(msgspec.structs.replace(BASE, architecture="soft", balancing=way), FEATURES, TASKS, problem.train)
        for way in ("fixed", "uncertainty")
    )

    weights = fixed.model.state_dict()
    assert all((weights[key] == value).all() for key, value in other.model.state_dict().items())


def test_two_rows_are_enough_to_train_on() -> None:
    fitted = fit(msgspec.structs.replace(BASE, balancing="meta"), FEATURES, TASKS, examples(2))

    assert not fitted.model.training


def test_a_row_is_the_mean_and_the_deviation_over_its_seeds() -> None:
    one = [[1.0, 0.0], [0.0, 1.0]]
    runs = [
        Run("single", "fixed", 1, {"a": 0.5}, None),
        Run("mmoe", "dwa", 1, {"a": 0.7}, [[1.0, 0.5], [0.5, 1.0]]),
        Run("mmoe", "dwa", 2, {"a": 0.9}, one),
    ]

    control, mmoe = rows(runs)

    assert control == ("single", "fixed", 1, {"a": 0.5}, {"a": 0.0}, None)
    assert mmoe[:3] == ("mmoe", "dwa", 2)
    assert mmoe.mean == pytest.approx({"a": 0.8}) and mmoe.spread == pytest.approx({"a": 0.02**0.5})
    assert mmoe.affinity == [[1.0, 0.25], [0.25, 1.0]]
