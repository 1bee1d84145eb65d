"""The compiled encoder computes what torch computes, for a shopper and an item alone."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
import torch
from encoder.made_up import made_up
from encoder.taste_world import ITEMS, SMALL, TASKS, TASTES, World, untrained
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from online_model import Action, Description, Example, Kind
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import NOTHING, Described, described
from online_model.encoder.hashing import HALF
from online_model.encoder.items import items_of
from online_model.encoder.refresh import refresh
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing import SHARING
from online_model.encoder.towers import Towers
from online_model.encoder.user_towers import USER_TOWERS
from online_model.encoder.user_towers.past import Past
from online_model.encoder.weights import Weights
from online_model.example import PAST, PAST_ITEMS, WORD
from online_model.item_facts import WORDS
from online_model.vocabulary import stable_key

every_tower = pytest.mark.parametrize(
    "changed",
    [msgspec.structs.replace(SMALL, user_tower=tower) for tower in USER_TOWERS]
    + [msgspec.structs.replace(SMALL, sharing=way) for way in SHARING],
    ids=[*USER_TOWERS, *SHARING],
)


def by_torch(
    weights: Weights, example: Example, chosen: EncoderSettings, known: Described
) -> NDArray[np.float32]:
    """With the past padded, as training has it."""
    towers = Towers(chosen, len(TASKS))
    towers.load(weights)
    towers.eval()

    def vectors(items: NDArray[np.uint32], categories: NDArray[np.uint32]) -> Tensor:
        found = items_of(items.astype(np.uint64) << HALF | categories, known, chosen)
        return towers.item(found, towers.item.gates[found.id_rows].amin(dim=1))

    def padded(told: NDArray[np.void], places: int) -> Past:
        entries = np.zeros(places, PAST)
        entries[: len(told)] = told
        return Past(
            vectors(entries["item"], entries["category"])[None],
            torch.from_numpy(entries["kind"].astype(np.int64))[None],
            torch.from_numpy(entries["age_s"].copy())[None],
            (torch.arange(places) < len(told))[None],
        )

    told = np.frombuffer(example.history, PAST)
    word = told["category"] == WORD
    with torch.no_grad():
        did, asked = padded(told[~word], PAST_ITEMS), padded(told[word], WORDS)
        users = towers.trunk(towers.user(did, asked))[0]
        items = vectors(np.frombuffer(example.items, "<u4"), np.frombuffer(example.categories, "<u4"))
        return (items @ users.T).numpy()


@every_tower
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), past=st.integers(0, PAST_ITEMS))
def test_compiled_equals_torch(changed: EncoderSettings, seed: int, past: int) -> None:
    weights, (example, known) = untrained(seed, changed), made_up(seed, past)

    compiled = CompiledEncoder("v", TASKS, changed, weights, known).logits_of(example)

    expected = by_torch(weights, example, changed, known)
    np.testing.assert_allclose(compiled, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


@every_tower
def test_a_trained_encoder_equals_torch_on_real_examples(
    changed: EncoderSettings, examples: list[Example]
) -> None:
    chosen = msgspec.structs.replace(changed, epochs=1)
    trained = CompiledEncoder("v", TASKS, chosen, refresh(examples[:1_000], TASKS, chosen, None).weights)

    for example in examples[-20:]:
        np.testing.assert_allclose(
            trained.logits_of(example),
            by_torch(trained.weights, example, chosen, NOTHING),
            rtol=1e-5,
            atol=1e-5,
        )


@every_tower
def test_a_shopper_without_a_past_is_everybody(changed: EncoderSettings) -> None:
    """Nothing is read: what is left is each item's standing with everybody."""
    encoder, example = CompiledEncoder("v", TASKS, changed, untrained(1, changed)), made_up(1, past=0)[0]
    towers = Towers(changed, len(TASKS))
    towers.load(encoder.weights)
    towers.eval()
    with torch.no_grad():
        nothing = torch.zeros(1, encoder.weights.trunk.skip.shape[1], changed.dim)
        everybody = towers.trunk(nothing)[0].numpy()
    items = encoder.vectors_of(*(np.frombuffer(k, "<u4") for k in (example.items, example.categories)))

    np.testing.assert_allclose(encoder.logits_of(example), items @ everybody.T, rtol=1e-4, atol=1e-5)


def test_a_score_does_not_depend_on_the_items_beside_it(trained: CompiledEncoder) -> None:
    world = World()
    world.live(300)
    table, profile = world.recommender.items, world.profiles[1]
    items = np.arange(40, dtype=np.int32)

    together = trained.logits(profile, world.now_ms, items, table)
    alone = [trained.logits(profile, world.now_ms, items[i : i + 1], table)[0] for i in range(40)]

    assert together.tobytes() == np.stack(alone).tobytes()


def test_a_row_does_not_depend_on_the_rows_beside_it(trained: CompiledEncoder) -> None:
    example, _ = made_up(5, past=6)
    first = msgspec.structs.replace(example, items=example.items[:4], categories=example.categories[:4])

    assert trained.logits_of(example)[:1].tobytes() == trained.logits_of(first).tobytes()


def test_the_worker_and_the_replay_see_the_same_logits(trained: CompiledEncoder) -> None:
    """By the item table's indices before the event, and by the keys that its example carries."""
    world = World(encoder=trained)
    world.live(300)
    world.act(1, Action(Kind.SEARCH, "", world.now_ms, 2, query="red shoes"))
    world.live(3)
    shopper, table = world.profiles[1], world.recommender.items
    keys = table.keys[:120] & np.uint64(0xFFFFFFFF)
    action = Action(Kind.CLICK, "item-7", world.now_ms, 1)
    before = trained.logits(shopper, world.now_ms, np.arange(120, dtype=np.int32), table)

    (example,) = world.act(1, action)

    rows = [int(np.flatnonzero(keys == key)[0]) for key in np.frombuffer(example.items, "<u4")]
    assert np.count_nonzero(np.frombuffer(example.history, PAST)["category"] == WORD) == 2
    np.testing.assert_array_equal(trained.logits_of(example), before[rows])


def directions(item: str, taste: int) -> tuple[float, ...]:
    """A vector as a shop might give it: near those of the same taste."""
    own, shared = np.random.default_rng(stable_key(item)), np.random.default_rng(taste)
    return tuple((shared.standard_normal(12) + 0.3 * own.standard_normal(12)).tolist())


TELLS: dict[str, Callable[[str, int], Description]] = {
    "category": lambda item, taste: Description(item, f"taste-{taste}"),
    "level": lambda item, taste: Description(item, f"taste-{taste}/{stable_key(item) % 5}"),
    "brand": lambda item, taste: Description(item, brand=f"Taste {taste}"),
    "price": lambda item, taste: Description(item, price=4.0**taste),
    "title": lambda item, taste: Description(item, title=f"{item} of taste{taste}"),
    "tags": lambda item, taste: Description(item, tags=(item, f"taste{taste}")),
    "embedding": lambda item, taste: Description(item, embedding=directions(item, taste)),
}


@pytest.mark.parametrize("tell", TELLS.values(), ids=TELLS.keys())
def test_an_item_that_nobody_has_seen_has_a_vector_by_its_description(
    tell: Callable[[str, int], Description],
) -> None:
    """No refresh, no restart: it is scored in the moment that it is described, after what is said of it."""
    world = World(tell=tell)
    examples = world.live(2_500)
    learned = msgspec.structs.replace(SMALL, epochs=4, word_buckets=1024)
    known = described(tell(f"item-{n}", n % TASTES) for n in range(ITEMS))
    weights = refresh(examples, TASKS, learned, None, known).weights
    encoder = CompiledEncoder("v", TASKS, learned, weights, known)
    for taste in range(TASTES):
        world.recommender.describe(tell(f"new-{taste}", taste))
    table = world.recommender.items
    new = np.array([table.vocabulary.find(f"new-{taste}") for taste in range(TASTES)], np.int32)

    liked = [
        int(encoder.logits(world.profiles[shopper], world.now_ms, new, table)[:, 0].argmax())
        for shopper in range(12)
    ]

    assert liked == [shopper % TASTES for shopper in range(12)]


@pytest.mark.parametrize(
    "change",
    [
        Description("item-0", "taste-1"),
        Description("item-0", "taste-0", brand="Acme"),
        Description("item-0", "taste-0", embedding=(1.0, 2.0)),
    ],
    ids=["category", "brand", "embedding"],
)
def test_an_item_whose_description_changes_changes_its_vector(change: Description) -> None:
    encoder, world = CompiledEncoder("v", TASKS, SMALL, untrained(3)), World()
    world.live(200)
    table, item = world.recommender.items, np.array([0], np.int32)
    before = encoder.logits(world.profiles[1], world.now_ms, item, table)
    world.recommender.describe(change)

    after = encoder.logits(world.profiles[1], world.now_ms, item, table)

    fresh = CompiledEncoder("fresh", TASKS, SMALL, encoder.weights)
    assert after.tobytes() != before.tobytes()
    assert after.tobytes() == fresh.logits(world.profiles[1], world.now_ms, item, table).tobytes()
