"""A profile is a fold of its shopper's events: the same events give the same bytes, and it never grows for ever."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.acts import START_MS, acts

from online_model import Action, Description, Kind, ModelSettings, Profile, Recommender, Vocabulary
from online_model.item_facts import query_tokens, tokens_of

FEW = ModelSettings(history=4, slack=16, duplicates=8)

actions = st.builds(
    Action,
    kind=st.sampled_from(list(Kind)),
    item=st.sampled_from([f"item-{n}" for n in range(12)]),
    ts=st.integers(START_MS, START_MS + 30),  # many at the same millisecond
    key=st.integers(0, 2**64 - 1),
    value=st.sampled_from([1.0, 3.0, 5.0]),
    query=st.sampled_from(["", "red shoes", "Shoes", "a b c d e f g h"]),
)


def folded(log: list[Action], items: Vocabulary, limits: ModelSettings = FEW) -> Profile:
    profile = Profile(limits)
    for action in log:
        index = items.add(action.item)
        profile.fold(action, index, items.keys[index])
    return profile


@settings(max_examples=200, deadline=None)
@given(st.lists(actions, max_size=30, unique_by=lambda action: action.key % 2**35), st.randoms())
def test_any_order_of_the_same_events_gives_the_same_bytes(log: list[Action], draw) -> None:
    shuffled = draw.sample(log, len(log))
    items, others = Vocabulary(), Vocabulary()

    assert folded(log, items).dump(items) == folded(shuffled, others).dump(others)


@settings(max_examples=100, deadline=None)
@given(st.lists(actions, max_size=30))
def test_what_is_loaded_is_what_was_dumped_and_goes_on_the_same(log: list[Action]) -> None:
    items, others = Vocabulary(), Vocabulary()
    others.add("somebody else's")  # local indices differ
    profile = folded(log, items)

    loaded = Profile.load(profile.dump(items), others, FEW)

    assert loaded.dump(others) == profile.dump(items)
    for action in (Action(Kind.PURCHASE, "item-3", START_MS + 15, 1), Action(Kind.HIDE, "new", START_MS, 2)):
        for one, names in ((profile, items), (loaded, others)):
            one.fold(action, names.add(action.item), names.keys[names.add(action.item)])
    assert loaded.dump(others) == profile.dump(items)


def test_a_profile_is_bounded() -> None:
    items, limits = Vocabulary(), ModelSettings(history=10, slack=3, duplicates=5, hidden=4)
    log = [Action(Kind.HIDE if n % 3 else Kind.CLICK, f"item-{n}", START_MS + n, n) for n in range(500)]

    profile = folded(log, items, limits)

    assert (profile.size, len(profile.seen), len(profile.hidden)) == (13, 5, 4)
    newest = [f"item-{n}" for n in range(498, 498 - 39, -3)]
    assert [items.names[i] for i in profile.history["item"]] == newest


def test_the_words_of_the_newest_searches_are_kept_each_once() -> None:
    items = Vocabulary()
    queries = ["old words", "Red shoes, size 42!", "shoes", "blue running shoes"]
    log = [Action(Kind.SEARCH, "", START_MS + n, n, query=query) for n, query in enumerate(queries)]

    words = folded(log, items).words

    expected = [(START_MS + 3, w) for w in ("blue", "running", "shoes")]
    expected += [(START_MS + 1, w) for w in ("red", "size", "42")]
    hashed = [(ts, query_tokens(word)[0]) for ts, word in expected]
    assert sorted(words) == sorted(hashed)
    assert words == sorted(words, reverse=True)
    assert query_tokens("running")[0] in tokens_of(Description("i", title="Running shirt"))


def test_a_redelivered_event_changes_nothing() -> None:
    core = Recommender()
    profile = core.profile()
    for n, (_, action) in enumerate(acts(10)):
        core.observe(profile, action, (0, 0, n))
        before = profile.dump(core.items.vocabulary)

        again = core.observe(profile, action, (0, 0, n))

        assert (again.duplicate, again.examples, again.step) == (True, (), None)
        assert profile.dump(core.items.vocabulary) == before


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"\x63", "version 99, wanted 4: rebuild the profiles", id="other-version"),
        pytest.param(None, "settings allow 3: rebuild the profiles", id="settings-made-smaller"),
    ],
)
def test_a_profile_that_cannot_be_read_is_an_error_that_says_what_to_do(
    data: bytes | None, said: str
) -> None:
    items = Vocabulary()
    log = [Action(Kind.CLICK, f"item-{n}", START_MS + n, n) for n in range(9)]
    data = data or folded(log, items).dump(items)

    with pytest.raises(ValueError, match=said):
        Profile.load(data, Vocabulary(), ModelSettings(history=2, slack=1))


def test_counts_and_times_are_those_of_the_events() -> None:
    items = Vocabulary()
    log = [
        Action(Kind.CLICK, "a", START_MS + 5, 1),
        Action(Kind.CLICK, "a", START_MS + 9, 2),
        Action(Kind.CART, "a", START_MS + 7, 3),
        Action(Kind.RATING, "a", START_MS + 1, 4, value=5.0),
    ]

    entry = folded(log, items).history[0]

    counts = [int(entry[name]) for name in ("clicks", "carts", "purchases", "ratings", "kind")]
    assert counts == [2, 1, 0, 1, Kind.CLICK]
    assert (entry["first_ts"], entry["last_ts"]) == (START_MS + 1, START_MS + 9)
    assert entry["basket"] == 2 * (START_MS + 7)
    assert np.count_nonzero(folded(log, items).history["item"]) == 0
