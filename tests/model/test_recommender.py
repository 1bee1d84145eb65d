"""The core: scores that depend on shopper, item and model alone, and learning that is a fold of the log."""

import numpy as np
import pytest
from model.acts import START_MS, Shop, acts

from online_model import DEFAULT_TASKS, Action, Description, Heads, Kind, ModelSettings, Recommender, Task
from online_model.encoder_columns import width
from online_model.example import unpack_example

LATER_MS = START_MS + 86_400_000


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop().take(acts(1_500))


def state(shop: Shop) -> list[bytes]:
    items = shop.core.items
    return [
        shop.core.heads.dump(),
        *(items.dump_row(i) for i in range(len(items))),
        *(profile.dump(items.vocabulary) for profile in shop.profiles.values()),
    ]


def test_an_items_score_does_not_depend_on_the_items_asked_with_it(shop: Shop) -> None:
    profile, names = shop.profiles["user-1"], [f"item-{n}" for n in range(60)]

    together = shop.core.score(profile, names, LATER_MS)
    alone = [shop.core.score(profile, [name], LATER_MS) for name in names]

    assert together.p.tobytes() == b"".join(one.p.tobytes() for one in alone)
    assert together.blend.tobytes() == b"".join(one.blend.tobytes() for one in alone)


def test_a_published_score_is_the_score_one_gets_by_asking(shop: Shop) -> None:
    profile = shop.profiles["user-2"]
    best = shop.core.rank(profile, LATER_MS, k=30)

    asked = shop.core.score(profile, best.items, LATER_MS)

    assert asked.items == best.items
    assert asked.p.tobytes() == best.p.tobytes()
    assert list(best.blend) == sorted(best.blend, reverse=True)


def test_ranking_changes_nothing(shop: Shop) -> None:
    before, profile = state(shop), shop.profiles["user-3"]

    first, second = (shop.core.rank(profile, LATER_MS) for _ in range(2))

    assert state(shop) == before
    assert first.items == second.items and first.p.tobytes() == second.p.tobytes()


def test_observing_teaches_neither_heads_nor_items(shop: Shop) -> None:
    core = shop.core
    before = [core.heads.dump(), *(core.items.dump_row(i) for i in range(len(core.items)))]

    seen = core.observe(core.profile(), Action(Kind.CLICK, "item-1", LATER_MS, 1), (0, 0, 9_999))

    assert len(seen.examples) == 1
    assert [core.heads.dump(), *(core.items.dump_row(i) for i in range(len(core.items)))] == before


def test_the_same_log_gives_the_same_state_to_the_last_bit(shop: Shop) -> None:
    assert state(Shop().take(acts(1_500))) == state(shop)


def test_heads_stored_and_loaded_on_the_way_end_the_same(shop: Shop) -> None:
    heads = Heads(shop.core.settings, DEFAULT_TASKS)
    for n, example in enumerate(example for seen in shop.seen for example in seen.examples):
        if n % 97 == 0:
            heads = Heads.load(heads.dump(), shop.core.settings, DEFAULT_TASKS)
        heads.learn(example)

    assert heads.dump() == shop.core.heads.dump()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(lambda data: b"\x63" + data[1:], "version 99, wanted 5", id="other-version"),
        pytest.param(lambda data: data[:-4], "3 tasks take", id="too-short"),
    ],
)
def test_heads_that_do_not_fit_are_an_error_that_says_why(harm, said: str) -> None:
    data = Heads(ModelSettings(), DEFAULT_TASKS).dump()

    with pytest.raises(ValueError, match=said):
        Heads.load(harm(data), ModelSettings(), DEFAULT_TASKS)


def test_what_is_hidden_or_unavailable_is_never_ranked() -> None:
    shop = Shop().take(acts(800))
    profile = shop.profiles["user-1"]
    hidden, gone = (shop.core.rank(profile, LATER_MS, k=200).items[n] for n in (0, 1))
    shop.core.observe(profile, Action(Kind.HIDE, hidden, LATER_MS, 1), (0, 0, 10_000))
    shop.core.describe(Description(gone, "category-1", available=False))

    ranked = shop.core.rank(profile, LATER_MS + 1, k=1_000)

    assert not {hidden, gone} & set(ranked.items)
    assert len(ranked.items) == len(set(ranked.items)) > 20


def test_someone_unknown_is_shown_what_trends(shop: Shop) -> None:
    ranked = shop.core.rank(shop.core.profile(), LATER_MS, k=10)

    assert set(ranked.source) == {"trending"}
    assert set(ranked.items) <= set(shop.core.items.top_names())


def test_an_example_carries_one_choice_with_its_rivals_and_their_odds(shop: Shop) -> None:
    kinds = {Kind.CLICK: 0, Kind.CART: 1, Kind.PURCHASE: 2}
    log = list(acts(1_500))
    for (_, action), seen in zip(log, shop.seen, strict=True):
        assert len(seen.examples) == (action.kind in kinds)
        for example in seen.examples:
            x, odds, labels = unpack_example(example)

            assert x.shape == (width(3), len(odds)) and len(odds) <= shop.core.settings.rivals + 1
            assert labels[0].tolist() == [int(kinds[action.kind] == task) for task in range(3)]
            assert not labels[1:].any()
            assert odds[0] == 1 and (odds > 0).all() and (odds <= 1).all()
            assert len(set(np.frombuffer(example.items, "<u4").tolist())) == len(odds)
            assert example.ts == action.ts and example.in_candidates == (seen.rank >= 0)


def test_a_task_of_one_slot_learns_from_that_slot_alone() -> None:
    ad = Task(name="ad_click", label=Kind.CLICK, where={"placement": "ad"})
    core = Recommender(tasks=[DEFAULT_TASKS[0], ad])
    labels = {}
    for n, placement in enumerate(("ad", "home")):
        action = Action(Kind.CLICK, f"item-{n}", START_MS + n, n, placement=placement)
        (example,) = core.observe(core.profile(), action, (0, 0, n)).examples
        labels[placement] = unpack_example(example)[2][0].tolist()

    assert labels == {"ad": [1, 1], "home": [1, -1]}


def test_more_than_a_thousand_items_at_once_are_refused(shop: Shop) -> None:
    with pytest.raises(ValueError, match=r"at most 1000 items, got 1001"):
        shop.core.score(shop.core.profile(), ["item-1"] * 1_001, LATER_MS)


def test_a_profile_from_before_an_eviction_is_refused(shop: Shop) -> None:
    core = Recommender()
    profile = core.profile()
    core.items.add("a")
    core.items.evict()

    with pytest.raises(ValueError, match="load it again"):
        core.observe(profile, Action(Kind.CLICK, "a", START_MS, 1), (0, 0, 0))
