"""What the catalogue says becomes numbers that mean the same everywhere, and follow the item when it is renumbered."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from online_model import Description, ModelSettings
from online_model.actions import Step
from online_model.item_facts import SKETCH, TOKENS, blank_facts, sketch_of, tokens_of, write_facts
from online_model.item_table import ItemTable
from online_model.kinds import Kind
from online_model.vocabulary import stable_key

SHOE = Description(
    "i",
    "shoes/running/trail",
    49.9,
    brand="Acme",
    title="Acme trail runner",
    tags=("trail",),
    embedding=(3.0, 4.0),
)


def hashed(*words: str) -> list[int]:
    return [stable_key(word) & 0xFFFF_FFFF for word in words]


def test_the_words_are_brand_price_levels_tags_and_title_each_once() -> None:
    expected = hashed(
        "brand:acme",
        "price:11",
        "level:shoes",
        "level:shoes/running",
        "word:trail",
        "word:acme",
        "word:runner",
    )

    assert tokens_of(SHOE).tolist() == expected


def test_too_many_words_are_cut_and_none_are_none() -> None:
    long = Description("i", title=" ".join(f"w{n}" for n in range(99)))

    assert tokens_of(long).tolist() == hashed(*(f"word:w{n}" for n in range(TOKENS)))
    assert len(tokens_of(Description("i", "shoes"))) == 0  # the category has a table of its own


@given(st.integers(2, 600), st.integers(0, 2**32 - 1))
def test_a_sketch_keeps_the_angle_and_not_the_length(width: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    a = draw.standard_normal(width)
    b = a + 0.3 * draw.standard_normal(width)
    cosine = a @ b / math.sqrt((a @ a) * (b @ b))

    sketched = sketch_of(tuple(a)) @ sketch_of(tuple(7 * b)) / SKETCH

    assert abs(sketched - cosine) < 6 / math.sqrt(SKETCH)
    np.testing.assert_allclose(sketch_of(tuple(7 * b)), sketch_of(tuple(b)), rtol=1e-5)


@pytest.mark.parametrize("vector", [(0.0, 0.0), (math.inf, 1.0), (math.nan, 1.0)])
def test_a_vector_without_a_direction_has_an_empty_sketch(vector: tuple[float, ...]) -> None:
    assert not sketch_of(vector).any()


def test_the_stamp_rises_only_when_something_is_different() -> None:
    facts = blank_facts(2)
    for description in (SHOE, SHOE, Description("i", "shoes/running/trail", 49.9), SHOE):
        write_facts(facts, 1, description)

    assert facts.stamps.tolist() == [0, 3]
    assert facts.sketched.tolist() == [False, True]


def test_facts_stay_with_their_item_through_growth_and_eviction() -> None:
    table = ItemTable(ModelSettings(max_items=3_000))
    for n in range(3_000):
        table.describe_from(Description(f"i{n}", "c", brand=f"brand-{n}", embedding=(float(n + 1), 1.0)))
        table.absorb(Step(n + 1, Kind.CLICK, f"i{n}"))

    table.evict()

    assert len(table) == 2_250
    for index, name in enumerate(table.vocabulary.names):
        n = int(name[1:])
        assert table.facts.tokens[index, : table.facts.used[index]].tolist() == hashed(f"brand:brand-{n}")
        np.testing.assert_array_equal(table.facts.sketches[index], sketch_of((float(n + 1), 1.0)))
    assert not table.facts.used[len(table) :].any()
