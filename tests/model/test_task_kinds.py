"""Tasks of every kind from settings alone: what they learn, what they predict, and how well is told."""

import numpy as np
import pytest
from model.acts import START_MS, Shop

from freshet.task_settings import TaskSettings
from online_model import DEFAULT_TASKS, Action, Kind, ModelSettings, Recommender
from online_model.example import CHOICE, VALUE
from online_model.progressive import Progressive

STARS = TaskSettings(name="stars", kind="regression", label="ratings", range=(1.0, 5.0)).task()


def rated(tasks, count: int = 3_000) -> tuple[Shop, Progressive]:
    """A shop whose even items get 5 stars and the others 1, watched in the second half."""
    shop = Shop(Recommender(ModelSettings(influence_ms=0), tasks))  # they rate the same items again and again
    rng, watched = np.random.default_rng(5), Progressive(tasks, forget=1.0)
    for n in range(count):
        item = int(rng.integers(2))
        name = f"item-{item}" if rng.random() < 0.5 else f"item-{item + 2 * int(rng.integers(30))}"
        user = f"user-{rng.integers(8)}"
        action = Action(Kind.RATING, name, START_MS + 10_000 * n, n, 1.0 if item else 5.0)
        profile = shop.profiles.setdefault(user, shop.core.profile())
        seen = shop.core.observe(profile, action, (0, 0, n))
        for example in seen.examples:
            if n > count / 2:
                watched.watch(shop.core.heads, example)
            shop.core.learn(example)
        if seen.step:
            shop.core.absorb(seen.step)
    return shop, watched


def test_a_rating_is_a_choice_and_a_value() -> None:
    shop = Shop(Recommender(tasks=(*DEFAULT_TASKS, STARS)))

    seen = shop.core.observe(shop.core.profile(), Action(Kind.RATING, "item-1", START_MS, 1, 4.0), (0, 0, 0))

    choice, value = seen.examples
    assert (choice.kind, value.kind, value.part) == (CHOICE, VALUE, 1)
    assert np.frombuffer(value.labels, np.int8).tolist() == [
        -1,
        -1,
        -1,
        75,
    ]  # three quarters of the way from 1 to 5


def test_values_outside_the_range_count_as_its_end() -> None:
    shop = Shop(Recommender(tasks=(STARS,)))

    seen = shop.core.observe(shop.core.profile(), Action(Kind.RATING, "item-1", START_MS, 1, 99.0), (0, 0, 0))

    assert np.frombuffer(seen.examples[1].labels, np.int8).tolist() == [100]


def test_a_regressions_errors_are_told_beside_those_of_the_mean() -> None:
    _, watched = rated((STARS,))

    quality = watched.value_quality(0)

    assert quality is not None
    assert quality.spread == pytest.approx(2.0, abs=0.05)  # as many ones as fives
    assert quality.rmse < quality.spread / 3
    assert quality.calibration == pytest.approx(1.0, abs=0.1)
    assert watched.value_quality(0) == quality


def test_no_value_no_quality() -> None:
    assert Progressive((STARS,)).value_quality(0) is None


@pytest.mark.parametrize("head", ["logistic", "ftrl", "bayesian", "mlp", "hinge"])
def test_a_task_may_have_a_head_of_its_own(head: str) -> None:
    click = TaskSettings(name="click", label="clicks", head=head).task()
    core = Recommender(ModelSettings(least_shown=50), (click,))
    profile = core.profile()
    rng = np.random.default_rng(1)
    for n in range(400):
        page = Action(Kind.IMPRESSION, "", START_MS + 4_000 * n, 2 * n, items=("good", "bad"))
        clicks = [Action(Kind.CLICK, "good", page.ts + 1, 2 * n + 1)] if rng.random() < 0.5 else []
        for offset, action in enumerate([page, *clicks]):
            for example in core.observe(profile, action, (0, offset, n)).examples:
                core.learn(example)

    asked = core.score(profile, ["good", "bad"], START_MS + 10**7)
    again = type(core.heads).load(core.heads.dump(), core.settings, core.tasks)

    assert asked.p[0, 0] == pytest.approx(0.5, abs=0.2) and asked.p[1, 0] < 0.3
    assert again.dump() == core.heads.dump()


def test_a_heads_name_that_does_not_fit_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="head is one of huber, squared; got 'logistic'"):
        TaskSettings(name="stars", kind="regression", label="ratings", head="logistic")


def test_a_shopper_without_candidates_gets_an_empty_list() -> None:
    core = Recommender(ModelSettings(least_shown=0), (*DEFAULT_TASKS, STARS))

    assert core.rank(core.profile(), START_MS).items == []
