"""A switch does not hurt: the new encoder comes with heads that know what to make of it."""

import copy

import numpy as np
from encoder.taste_world import SMALL, TASKS, World

from online_model import Example, Heads, ModelSettings
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.refresh import heads_over, refresh

BEFORE, AFTER = 1_500, 1_000


def trained(examples: list[Example], live: CompiledEncoder | None, version: str) -> CompiledEncoder:
    return CompiledEncoder(version, TASKS, SMALL, refresh(examples, TASKS, SMALL, live).weights)


def switch(world: World, encoder: CompiledEncoder, window: list[Example]) -> None:
    """As the refresh and the learner do it."""
    core = world.recommender
    heads = Heads.load(core.heads.dump(), ModelSettings(), core.tasks)
    core.heads = heads_over(encoder, core.encoder, heads, window)
    core.encoder = encoder


def quality(world: World, events: int) -> float:
    """Mean reciprocal rank of the next events."""
    world.live(events)
    places = np.array(world.places[-events:])
    return float(np.where(places >= 0, 1 / (1 + np.abs(places)), 0).mean())


def test_quality_does_not_dip_after_a_switch() -> None:
    """Beside a twin that goes on with the old pair, on the same events."""
    world = World()
    window = world.live(BEFORE)
    first = trained(window, None, "v1")
    switch(world, first, window)
    window += world.live(BEFORE)
    second = trained(window, first, "v2")
    kept = copy.deepcopy(world)
    switch(world, second, window)

    with_old, with_new = quality(kept, AFTER), quality(world, AFTER)

    assert world.recommender.version.startswith("v2/") and kept.recommender.version.startswith("v1/")
    assert with_new > with_old - 0.005
