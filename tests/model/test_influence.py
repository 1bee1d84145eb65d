"""What one account can move of what all share is bounded, and told from its history alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.acts import START_MS, Shop, acts

from online_model import Action, Kind, ModelSettings, Observation, Recommender
from online_model.influence import HASTE_ITEMS, REPEATS

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
CAPPED = ModelSettings(influence_ms=DAY_MS)
INTERESTS = [Kind.CLICK, Kind.CART, Kind.PURCHASE, Kind.RATING]


def observed(log: list[Action], limits: ModelSettings = CAPPED) -> list[Observation]:
    """One account's events, of which others see what they may."""
    core = Recommender(limits)
    profile = core.profile()
    return [core.observe(profile, action, (0, 0, n)) for n, action in enumerate(log)]


def act(kind: Kind, ts: int, n: int, item: str = "pushed") -> Action:
    return Action(kind, item, ts, n)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([*INTERESTS, Kind.UNCART]), st.integers(0, 20 * HOUR_MS)), max_size=40)
)
def test_each_kind_of_event_of_an_account_counts_once_a_day_for_an_item(
    moves: list[tuple[Kind, int]],
) -> None:
    log, ts = [], START_MS
    for n, (kind, wait) in enumerate(moves):
        ts += wait
        log.append(act(kind, ts, n))

    counted = [seen.step.kind for seen in observed(log) if seen.step]

    days = (ts - START_MS) / DAY_MS
    assert max(counted.count(kind) for kind in INTERESTS) <= 1 + days


@pytest.mark.parametrize("kind", INTERESTS)
def test_the_first_of_each_kind_counts_whatever_came_before(kind: Kind) -> None:
    others = [other for other in INTERESTS if other != kind] if kind != Kind.CLICK else []
    log = [act(other, START_MS + n, n) for n, other in enumerate(others)]

    last = observed([*log, act(kind, START_MS + 100, 100)])[-1]

    assert last.step is not None and last.capped == ""


@pytest.mark.parametrize(("apart_ms", "counted"), [(DAY_MS - 1, 1), (DAY_MS, 5), (3 * DAY_MS, 5)])
@pytest.mark.parametrize("kind", [Kind.CLICK, Kind.CART])
def test_a_day_apart_is_far_enough(kind: Kind, apart_ms: int, counted: int) -> None:
    seen = observed([act(kind, START_MS + n * apart_ms, n) for n in range(5)])

    assert sum(one.step is not None for one in seen) == counted


def test_repeats_teach_the_heads_for_a_while() -> None:
    log = [act(Kind.CLICK, START_MS + n * HOUR_MS, n) for n in range(100)]

    seen = observed(log)

    assert [one.capped for one in seen] == ["", *["repeated"] * (REPEATS - 1), *["lavish"] * (100 - REPEATS)]
    assert [len(one.examples) for one in seen] == [1] * REPEATS + [0] * (100 - REPEATS)
    assert all(one.rank >= 0 for one in seen[1:]), "ranked and watched all the same"


def test_an_account_that_clicks_on_too_much_at_once_moves_nothing_more() -> None:
    apart_ms = HOUR_MS // (2 * HASTE_ITEMS)
    log = [act(Kind.CLICK, START_MS + n * apart_ms, n, f"item-{n}") for n in range(3 * HASTE_ITEMS)]

    hasty = [seen for seen in observed(log) if seen.capped == "hasty"]

    assert len(hasty) == 2 * HASTE_ITEMS
    assert not any(seen.step or seen.examples for seen in hasty)


def test_without_a_window_everything_counts() -> None:
    log = [act(Kind.CLICK, START_MS + n, n) for n in range(50)]

    seen = observed(log, ModelSettings(influence_ms=0))

    assert [(one.capped, len(one.examples), one.step is not None) for one in seen] == [("", 1, True)] * 50


def test_the_shoppers_own_profile_is_the_same_with_and_without() -> None:
    shops = [Shop(Recommender(ModelSettings(influence_ms=window))).take(acts(600)) for window in (0, DAY_MS)]

    dumps = [
        {user: profile.dump(shop.core.items.vocabulary) for user, profile in shop.profiles.items()}
        for shop in shops
    ]
    assert dumps[0] == dumps[1]
    assert any(seen.capped for seen in shops[1].seen) and not any(seen.capped for seen in shops[0].seen)
