"""A shop that has just opened learns from another's log, as far as the two describe their items alike."""

from functools import cache
from typing import get_args

import msgspec
import numpy as np
import pytest
from encoder.taste_world import ITEMS, SMALL, TASKS, TASTES, World

from online_model import Description, Example
from online_model.encoder.choices import collect
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import Described, described
from online_model.encoder.judge import judge
from online_model.encoder.refresh import refresh
from online_model.encoder.training import fit
from online_model.encoder.transfer import Part, Source

SETTINGS = msgspec.structs.replace(SMALL, epochs=4)


def branded(item: str, taste: int) -> Description:
    return Description(item, brand=f"Taste {taste}")


@cache
def logs() -> tuple[list[Example], list[Example], list[Example], Described]:
    """The old shop's examples; the new one's first ones and later ones; and what both say of their items."""
    old, new = World(seed=3, shop="old", tell=branded), World(seed=4, shop="new", tell=branded)
    known = described(branded(f"{shop}-{n}", n % TASTES) for shop in ("old", "new") for n in range(ITEMS))
    return old.live(2_500), new.live(200), new.live(600), known


def loss(encoder: CompiledEncoder | None, examples: list[Example]) -> float:
    return float(judge(encoder, examples, len(TASKS)).loss.mean())


def test_a_cold_shop_does_better_with_the_others_log_than_without() -> None:
    old, first, later, known = logs()

    losses = {}
    for weight in (None, 1.0):
        source = Source(collect(old, len(TASKS)), weight) if weight else None
        weights = fit(
            collect(first[:150], len(TASKS)), first[150:], TASKS, SETTINGS, known=known, source=source
        )
        losses[weight] = loss(CompiledEncoder("v", TASKS, SETTINGS, weights, known), later)

    assert losses[1.0] < losses[None] - 0.2
    assert losses[1.0] < loss(None, later) - 0.5


@pytest.mark.parametrize("part", get_args(Part))
def test_what_is_frozen_stays_as_the_source_left_it(part: Part) -> None:
    old, first, _, known = logs()
    start = CompiledEncoder("old", TASKS, SETTINGS, refresh(old, TASKS, SETTINGS, None, known).weights, known)

    tuned = fit(
        collect(first[:150], len(TASKS)),
        first[150:],
        TASKS,
        SETTINGS,
        known=known,
        warm_start=start,
        frozen=[part],
    ).named()

    same = {name for name, array in start.weights.named().items() if np.array_equal(array, tuned[name])}
    assert {name for name in tuned if name.startswith(part)} <= same
    assert {name.partition(".")[0] for name in tuned.keys() - same} == {*get_args(Part)} - {part}
