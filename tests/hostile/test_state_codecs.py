"""Stored state, damaged anywhere: a ValueError that says so, or a state that can be used. Memory stays bounded."""

import resource
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hostile.damage import damaged
from hypothesis import given, settings
from hypothesis import strategies as st
from model.acts import START_MS, Shop, acts

from freshet.contract.examples import pack_examples, unpack_examples
from freshet.contract.heads_state import pack_heads, unpack_heads
from freshet.contract.progress import Progress, pack_progress, unpack_progress
from freshet.contract.published import Published, pack, unpack
from freshet.contract.signals import Signal, pack_signals, unpack_signals
from freshet.contract.user_state import pack_user_state, unpack_user_state
from online_model import Action, Kind, ModelSettings, Profile, Recommender, Vocabulary
from online_model.heads import Heads
from online_model.item_table import ItemTable

MARKS = [5, -1, 9, -1, -1, -1, -1]
MOST_BYTES = 64 * 2**20  # that reading 2 kB of damaged state may take


@cache
def shop() -> Shop:
    """A shop with histories, rows, heads, and pages whose labels may still come."""
    shop = Shop(Recommender()).take(acts(400))
    items = tuple(f"item-{n}" for n in range(6))
    shop.take([("user-1", Action(Kind.IMPRESSION, "", START_MS + 10_000_000, 1, items=items))])
    return shop


@cache
def stored() -> dict[str, bytes]:
    """One good example of every kind of stored bytes."""
    core, user = shop().core, shop().profiles["user-1"]
    examples = [example for seen in shop().seen[-40:] for example in seen.examples]
    steps = [seen.step for seen in shop().seen[-40:] if seen.step]
    list_ = Published(7, 8, "none", 3, ["a", "b"], b"\0\x3c" * 6, b"\1\2", ["c"], b"\0\1")
    return {
        "user": pack_user_state(MARKS, user.dump(core.items.vocabulary)),
        "row": core.items.dump_row(core.items.add("item-0")),
        "heads": pack_heads(core.heads.dump(), Progress(7, {(0, 1): 5})),
        "progress": pack_progress(Progress(7, {(0, 1): 5, (2, 3): 9})),
        "published": pack(list_),
        "examples": pack_examples(examples[:3]),
        "signals": pack_signals([Signal(0, 1, n, step) for n, step in enumerate(steps[:5])]),
    }


def use_user(data: bytes) -> None:
    """As the worker does: load, recommend from it, fold one more event in, store again."""
    if (state := unpack_user_state(data)) is not None:
        core = shop().core
        profile = Profile.load(state[1], core.items.vocabulary, core.settings)
        core.items.fit()
        core.rank(profile, START_MS + 10_000_000, 20)
        profile.dump(core.items.vocabulary)


def use_row(data: bytes) -> None:
    table = ItemTable(ModelSettings())
    table.dump_row(table.load_row("item-0", data))


def use_heads(data: bytes) -> None:
    if (stored_heads := unpack_heads(data)) is not None:
        Heads.load(stored_heads[0], ModelSettings(), shop().core.tasks)


def use_published(data: bytes) -> None:
    if (found := unpack(data)) is not None:
        found.probabilities()


def use_examples(data: bytes) -> None:
    heads = Heads(ModelSettings(), shop().core.tasks)
    for example in unpack_examples(data):
        heads.learn(example)


USES: dict[str, Callable[[bytes], Any]] = {
    "user": use_user,
    "row": use_row,
    "heads": use_heads,
    "progress": unpack_progress,
    "published": use_published,
    "examples": use_examples,
    "signals": unpack_signals,
}


@pytest.mark.parametrize("kind", USES)
def test_what_was_stored_is_read(kind: str) -> None:
    USES[kind](stored()[kind])


@pytest.mark.parametrize("kind", USES)
def test_cut_anywhere_it_is_refused_or_whole(kind: str) -> None:
    whole = stored()[kind]
    for length in range(min(len(whole), 400)):
        refused_or_used(kind, whole[:length])


@pytest.mark.parametrize("kind", USES)
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_damaged_anywhere_it_is_refused_or_can_be_used(kind: str, data: st.DataObject) -> None:
    refused_or_used(kind, data.draw(damaged(stored()[kind][:20_000] if kind == "heads" else stored()[kind])))


@pytest.mark.parametrize("kind", USES)
@settings(max_examples=200, deadline=None)
@given(noise=st.binary(max_size=200))
def test_noise_behind_our_version_byte_is_refused_or_can_be_used(kind: str, noise: bytes) -> None:
    refused_or_used(kind, stored()[kind][:1] + noise)


def refused_or_used(kind: str, data: bytes) -> None:
    before = peak_bytes()
    try:
        USES[kind](data)
    except ValueError as error:
        assert str(error), f"{kind}: an error without a word for {data!r}"
    assert peak_bytes() - before < MOST_BYTES, f"{kind}: too much memory for {data[:200]!r}"


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_names_of_a_damaged_profile_do_not_fill_the_vocabulary() -> None:
    """Refused before anything is taken over."""
    whole, items = stored()["user"], Vocabulary()
    state = unpack_user_state(whole)
    assert state
    with pytest.raises(ValueError, match="cut short"):
        Profile.load(state[1][:500], items)

    assert len(items) == 0


def test_a_number_beyond_63_bits_is_refused() -> None:
    """Found by coverage-guided fuzzing: it was an OverflowError, which no reader expects."""
    whole = unpack_user_state(stored()["user"])
    assert whole
    huge = whole[1][:2] + b"\xff" * 9 + b"\x01" + whole[1][8:]
    with pytest.raises(ValueError, match="holds numbers that none has"):
        Profile.load(huge, Vocabulary())


def test_an_example_of_other_tasks_teaches_nothing() -> None:
    """Compiled code would read past the end of the weights."""
    example = unpack_examples(stored()["examples"])[0]
    heads = Heads(ModelSettings(), shop().core.tasks[:-1])
    with pytest.raises(ValueError, match="begin a new examples topic"):
        heads.learn(example)

    assert heads.learned == 0
