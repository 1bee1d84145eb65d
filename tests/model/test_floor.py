"""New items get their share of every list's beginning, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.acts import START_MS, Shop, acts

from online_model import Action, Kind, ModelSettings, Recommender, Step
from online_model.exposure import Exposure, Shares
from online_model.floor import DAY_MS, are_new, with_floor

flags = st.lists(st.booleans(), max_size=60).map(lambda one: np.array(one, np.bool_))


@given(flags, st.floats(0, 1), st.integers(1, 60))
def test_every_beginning_holds_the_share_as_long_as_there_are_any(new, share: float, k: int) -> None:
    listed = with_floor(new, share, k)

    assert len(listed) == len(set(listed)) == min(k, len(new))
    for n in range(1, len(listed) + 1):
        held = int(new[listed[:n]].sum())
        assert held == new.sum() or held >= int(share * n)


@given(flags, st.floats(0, 1), st.integers(1, 60))
def test_within_new_and_within_others_the_order_is_kept(new, share: float, k: int) -> None:
    listed = with_floor(new, share, k)

    for group in (True, False):
        mine = [at for at in listed if new[at] == group]
        assert mine == np.flatnonzero(new == group)[: len(mine)].tolist()


@given(flags, st.integers(1, 60))
def test_a_share_that_is_there_already_changes_nothing(new, k: int) -> None:
    natural = list(range(min(k, len(new))))
    least = min((int(new[: n + 1].sum()) / (n + 1) for n in natural), default=0.0)

    assert with_floor(new, least, k) == natural
    assert with_floor(new, 0.0, k) == natural


@pytest.mark.parametrize(
    ("share", "listed"), [(0.0, [0, 1, 2, 3]), (0.25, [0, 1, 2, 4]), (0.5, [0, 4, 1, 5]), (1.0, [4, 5, 0, 1])]
)
def test_shares(share: float, listed: list[int]) -> None:
    assert with_floor(np.array([0, 0, 0, 0, 1, 1], np.bool_), share, 4) == listed


def test_a_ranking_with_a_floor_is_the_ranking_without_it_put_in_order_anew() -> None:
    plain = Shop().take(acts(800))
    floored = Shop(Recommender(ModelSettings(new_floor=0.3, influence_ms=0))).take(acts(800))
    now_ms = START_MS + 3 * DAY_MS + 9_000_000
    for shop in (plain, floored):
        log = [("user-1", Action(Kind.CLICK, f"late-{n}", now_ms + n, 9_000 + n)) for n in range(9)]
        shop.take(log)

    best = plain.core.rank(plain.profiles["user-2"], now_ms + 100, k=60)
    listed = floored.core.rank(floored.profiles["user-2"], now_ms + 100, k=10)

    new = are_new(plain.core.items.stats["first_ts"][best.places], now_ms + 100, 3.0)
    assert 3 <= new.sum() < len(new)
    assert listed.items == [best.items[at] for at in with_floor(new, 0.3, 10)]
    assert sum(item.startswith("late") for item in listed.items) >= 3


def test_exposure_counts_new_and_small_items() -> None:
    core = Recommender()
    for item, clicks in (("old", 9), ("middle", 3), ("small", 1), ("new", 1)):
        for n in range(clicks):
            core.absorb(Step(START_MS + (4 * DAY_MS if item == "new" else n), Kind.CLICK, item))

    listed = np.array(
        [core.items.vocabulary.find(item) for item in ("old", "middle", "small", "new")], np.int32
    )

    assert Exposure(core.items, 3.0).of(listed, START_MS + 5 * DAY_MS) == Shares(places=4, new=1, small=2)
