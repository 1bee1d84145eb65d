"""What an explanation adds up to is what is served, whatever predicts; every feature has a name people understand."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.acts import START_MS, Shop, acts

from online_model import Action, Kind, ModelSettings, Recommender, Task
from online_model.explain import OTHERS, OWN_DEALINGS, START, groups
from online_model.rankers import RANKERS
from online_model.tasks import DEFAULT_TASKS

LATER_MS = START_MS + 40_000_000
RATING = Task(name="rating", kind="regression", label=Kind.RATING)
ALONE = Task(name="alone", label=Kind.CLICK, head="logistic")
UNITS = Task(name="units", label=Kind.CART, head="mlp")


def pages(count: int) -> Iterator[tuple[str, Action]]:
    """Pages of ten, of which the third item is clicked and now and then put in the cart."""
    for n in range(count):
        user, ts = f"user-{n % 12}", START_MS + 20_000_000 + 30_000 * n
        shown = tuple(f"item-{(7 * n + i * i) % 60}" for i in range(10))
        yield user, Action(Kind.IMPRESSION, "", ts, 10**6 + 4 * n, items=shown, placement="home")
        yield user, Action(Kind.CLICK, shown[2], ts + 5_000, 10**6 + 4 * n + 1)
        if n % 3 == 0:
            yield user, Action(Kind.CART, shown[2], ts + 9_000, 10**6 + 4 * n + 2)


SHOPS = {
    "chosen": (ModelSettings(), DEFAULT_TASKS),
    "chosen, linear": (ModelSettings(ranker="linear"), DEFAULT_TASKS),
    "shown": (ModelSettings(least_shown=100), DEFAULT_TASKS),
    "heads of their own": (ModelSettings(least_shown=100), (*DEFAULT_TASKS, RATING, ALONE, UNITS)),
    "few shown, and ratings": (ModelSettings(), (*DEFAULT_TASKS, RATING, ALONE)),
}


@pytest.fixture(scope="module", params=list(SHOPS), ids=list(SHOPS))
def shop(request: pytest.FixtureRequest) -> Shop:
    model, tasks = SHOPS[request.param]
    return Shop(Recommender(model, tasks)).take([*acts(700), *pages(60)])


def logit(p: float) -> float:
    return math.log(p) - math.log1p(-p)


@settings(deadline=None, max_examples=150)
@given(user=st.integers(0, 14), item=st.integers(0, 69), later_ms=st.integers(0, 10**9))
def test_contributions_sum_to_the_logit_of_what_is_served(
    shop: Shop, user: int, item: int, later_ms: int
) -> None:
    core = shop.core
    profile = shop.profiles.get(f"user-{user}") or core.profile()

    told = core.explain(profile, f"item-{item}", LATER_MS + later_ms)

    served = core.score(profile, [f"item-{item}"], LATER_MS + later_ms)
    assert (told.source, told.cause.item if told.cause else "") == (served.source[0], served.cause[0])
    for task, p, said in zip(core.tasks, served.p[0].tolist(), told.tasks, strict=True):
        assert said.p == p
        assert sum(said.parts.values()) == pytest.approx(said.score, abs=1e-12)
        if task.kind == "regression":
            low, high = task.range
            assert min(max(said.score, low), high) == pytest.approx(low + (high - low) * p, abs=1e-5)
        elif abs(said.score) < 30:  # beyond it, a logit is cut
            assert said.score == pytest.approx(logit(p), abs=1e-5 if p < 0.5 else 1e-5 + 1e-7 / (1 - p))


def test_the_event_that_proposed_an_item_is_named(shop: Shop) -> None:
    profile = shop.profiles["user-1"]
    told = [shop.core.explain(profile, f"item-{n}", LATER_MS) for n in range(60)]

    own = {e.item: e for e in told if e.source == "own_history"}
    causes = {e.cause for e in told if e.source in ("co_visits", "category")}
    names = shop.core.items.vocabulary.names
    events = {(names[e["item"]], int(e["kind"]), int(e["last_ts"])) for e in profile.history[: profile.size]}

    assert own and causes and None not in causes
    assert {tuple(cause) for cause in causes} <= events


def test_explaining_changes_nothing(shop: Shop) -> None:
    before = shop.core.heads.dump(), shop.core.rank(shop.profiles["user-2"], LATER_MS).p.tobytes()

    shop.core.explain(shop.profiles["user-2"], "item-3", LATER_MS)

    assert (shop.core.heads.dump(), shop.core.rank(shop.profiles["user-2"], LATER_MS).p.tobytes()) == before


def test_every_feature_has_a_group_and_every_group_a_feature() -> None:
    named = set(groups(["click", "cart"]))

    assert START in named and OWN_DEALINGS in named and OTHERS not in named
    assert 8 < len(named) < 20
    assert all(" " in name and "_" not in name for name in named)


def test_what_one_did_with_an_item_speaks_for_it_when_it_is_what_they_come_back_to() -> None:
    """Five shoppers, each with three items that they click over and over: their own dealings decide."""
    log = [
        (
            f"user-{n % 5}",
            Action(Kind.CLICK, f"item-{3 * (n % 5) + n // 5 % 3}", START_MS + 60_000 * n, n),
        )
        for n in range(600)
    ]
    shop = Shop().take(log)

    own, other = (
        shop.core.explain(shop.profiles["user-1"], f"item-{n}", START_MS + 60_000 * 600) for n in (3, 0)
    )

    assert own.tasks[0].parts[OWN_DEALINGS] > other.tasks[0].parts[OWN_DEALINGS]


@pytest.mark.parametrize("name", RANKERS)
def test_a_rankers_parts_sum_to_its_score(name: str) -> None:
    rng, width, tasks = np.random.default_rng(1), 9, 3
    ranker = RANKERS[name](width, tasks, ModelSettings(units=8))
    x, odds, labels = (
        rng.normal(size=(width, 6)).astype(np.float32),
        np.ones(6, np.float32),
        np.zeros(6, np.int8),
    )
    out = np.empty((tasks, 6), np.float32)
    for n in range(40):
        ranker.learn(x, odds, labels, n % tasks, n % 5)
    ranker.score(x, out)

    for t in range(tasks):
        for i in range(6):
            assert ranker.explain(x[:, i], t).sum() == pytest.approx(float(out[t, i]), abs=1e-5)
