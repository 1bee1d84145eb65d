"""The compiled encoder computes what torch computes, for a shopper and an item alone."""

from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from encoder.taste_world import SMALL, TASKS, World, untrained
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from online_model import Action, Description, Example, Kind
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.hashing import rows_of
from online_model.encoder.refresh import refresh
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.towers import Towers
from online_model.encoder.user_towers import USER_TOWERS
from online_model.encoder.user_towers.past import Past
from online_model.encoder.weights import Weights
from online_model.example import PAST, PAST_ITEMS

YEAR_S = 365 * 86_400.0


def made_up(seed: int, past: int, rows: int = 9) -> Example:
    """An example of random keys, kinds and ages, from now to beyond the last knot."""
    draw = np.random.default_rng(seed)
    entries = np.zeros(past, PAST)
    for key in ("item", "category"):
        entries[key] = draw.integers(0, 2**32, past)
    entries["kind"] = draw.integers(0, 8, past)
    entries["age_s"] = draw.choice([0.0, 1.0, 59.5, 3_600.0, YEAR_S, 30 * YEAR_S], past)
    items, categories = draw.integers(0, 2**32, (2, rows)).astype("<u4")
    return Example(
        0, 0, 0, 0, "-/0", items.tobytes(), categories.tobytes(), b"", b"", b"", True, entries.tobytes()
    )


def by_torch(weights: Weights, example: Example, chosen: EncoderSettings) -> NDArray[np.float32]:
    """With the past padded, as training has it."""
    towers = Towers(chosen, len(TASKS))
    towers.load(weights)
    towers.eval()

    def vectors(items: NDArray[np.uint32], categories: NDArray[np.uint32]) -> Tensor:
        rows = rows_of(items.astype(np.uint64), chosen.id_hashes, chosen.id_buckets)
        category_rows = rows_of(categories.astype(np.uint64), chosen.category_hashes, chosen.category_buckets)
        id_rows = torch.from_numpy(rows)
        return towers.item(id_rows, towers.item.gates[id_rows].amin(dim=1), torch.from_numpy(category_rows))

    known = np.frombuffer(example.history, PAST)
    past = np.zeros(PAST_ITEMS, PAST)
    past[: len(known)] = known
    with torch.no_grad():
        did = Past(
            vectors(past["item"], past["category"])[None],
            torch.from_numpy(past["kind"].astype(np.int64))[None],
            torch.from_numpy(past["age_s"].copy())[None],
            (torch.arange(PAST_ITEMS) < len(known))[None],
        )
        users = towers.trunk(towers.user(did))[0]
        items = vectors(np.frombuffer(example.items, "<u4"), np.frombuffer(example.categories, "<u4"))
        return (items @ users.T).numpy()


@pytest.mark.parametrize("tower", USER_TOWERS)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), past=st.integers(0, PAST_ITEMS))
def test_compiled_equals_torch(tower: Any, seed: int, past: int) -> None:
    chosen = msgspec.structs.replace(SMALL, user_tower=tower)
    weights, example = untrained(seed, chosen), made_up(seed, past)

    compiled = CompiledEncoder("v", TASKS, chosen, weights).logits_of(example)

    np.testing.assert_allclose(compiled, by_torch(weights, example, chosen), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("tower", USER_TOWERS)
def test_a_trained_encoder_equals_torch_on_real_examples(tower: Any, examples: list[Example]) -> None:
    chosen = msgspec.structs.replace(SMALL, user_tower=tower, epochs=1)
    trained = CompiledEncoder("v", TASKS, chosen, refresh(examples, TASKS, chosen, None).weights)

    for example in examples[-20:]:
        np.testing.assert_allclose(
            trained.logits_of(example), by_torch(trained.weights, example, chosen), rtol=1e-5, atol=1e-5
        )


@pytest.mark.parametrize("tower", USER_TOWERS)
def test_a_shopper_without_a_past_is_everybody(tower: Any) -> None:
    """Nothing is read: what is left is each item's standing with everybody."""
    chosen = msgspec.structs.replace(SMALL, user_tower=tower)
    encoder, example = CompiledEncoder("v", TASKS, chosen, untrained(1, chosen)), made_up(1, past=0)
    trunk = encoder.weights.trunk
    everybody = trunk.out_bias + np.einsum("h,htd->td", np.maximum(trunk.bias, 0), trunk.out)
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
    example = made_up(5, past=6)
    first = msgspec.structs.replace(example, items=example.items[:4], categories=example.categories[:4])

    assert trained.logits_of(example)[:1].tobytes() == trained.logits_of(first).tobytes()


def test_the_worker_and_the_replay_see_the_same_logits(trained: CompiledEncoder) -> None:
    """By the item table's indices before the event, and by the keys that its example carries."""
    world = World(encoder=trained)
    world.live(300)
    shopper, table = world.profiles[1], world.recommender.items
    keys = table.keys[:120] & np.uint64(0xFFFFFFFF)
    action = Action(Kind.CLICK, "item-7", world.now_ms, 1)
    before = trained.logits(shopper, world.now_ms, np.arange(120, dtype=np.int32), table)

    (example,) = world.act(1, action)

    rows = [int(np.flatnonzero(keys == key)[0]) for key in np.frombuffer(example.items, "<u4")]
    np.testing.assert_array_equal(trained.logits_of(example), before[rows])


def test_an_item_that_nobody_has_seen_has_a_vector_by_its_category(trained: CompiledEncoder) -> None:
    """No refresh, no restart: it is scored in the moment that it is described, after its category."""
    world = World()
    world.live(600)
    table = world.recommender.items
    for taste in range(6):
        world.recommender.describe(Description(f"new-{taste}", f"taste-{taste}"))
    new = np.array([table.vocabulary.find(f"new-{taste}") for taste in range(6)], np.int32)

    liked = [
        int(trained.logits(world.profiles[shopper], world.now_ms, new, table)[:, 0].argmax())
        for shopper in range(12)
    ]

    assert liked == [shopper % 6 for shopper in range(12)]


def test_an_item_whose_category_changes_changes_its_vector(trained: CompiledEncoder) -> None:
    world = World()
    world.live(200)
    table, item = world.recommender.items, np.array([0], np.int32)
    before = trained.logits(world.profiles[1], world.now_ms, item, table)
    world.recommender.describe(Description("item-0", "taste-1"))

    after = trained.logits(world.profiles[1], world.now_ms, item, table)

    fresh = CompiledEncoder("fresh", TASKS, SMALL, trained.weights)
    assert after.tobytes() != before.tobytes()
    assert after.tobytes() == fresh.logits(world.profiles[1], world.now_ms, item, table).tobytes()
