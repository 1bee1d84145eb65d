"""The loss of the live encoder is watched: a change of tastes is seen, and a refresh on what came since mends it."""

import msgspec
import numpy as np
from encoder.taste_world import SMALL, TASKS, TASTES, World

from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.drift import DriftWatch
from online_model.encoder.judge import judge
from online_model.encoder.refresh import refresh

LOOK = 50  # examples at a time, as a process reads them


def test_a_change_of_tastes_is_seen_soon_after_and_not_before() -> None:
    """Everybody comes to want another category, at once: what the past says of the next choice turns wrong."""
    world = World()
    before = world.live(2_500)
    encoder = CompiledEncoder("live", TASKS, SMALL, refresh(before, TASKS, SMALL, None).weights)
    watch = DriftWatch(encoder, delta=0.002)

    for _ in range(30):
        watch.see(world.live(LOOK))
        assert watch.since == 0
    world.turned = TASTES // 2
    looks = 0
    while watch.since == 0 and looks < 20:
        watch.see(world.live(LOOK))
        looks += 1

    assert 0 < looks * LOOK <= 500
    assert watch.now > watch.was > 0


def test_an_encoder_that_does_better_than_before_is_no_reason() -> None:
    world = World()
    encoder = CompiledEncoder("live", TASKS, SMALL, refresh(world.live(2_500), TASKS, SMALL, None).weights)
    watch = DriftWatch(encoder, delta=0.002)

    for example in world.live(600):
        watch.see([msgspec.structs.replace(example, history=b"")])  # as of shoppers that nothing is known of
    first = watch.now
    watch.see(world.live(1_500))

    assert watch.now < first - 0.3
    assert watch.since == 0


def test_a_refresh_on_what_has_come_since_mends_it() -> None:
    world = World()
    live = CompiledEncoder("live", TASKS, SMALL, refresh(world.live(2_500), TASKS, SMALL, None).weights)
    world.turned = TASTES // 2

    mended = refresh(world.live(600), TASKS, SMALL, live)
    later = world.live(300)

    after = CompiledEncoder("new", TASKS, SMALL, mended.weights)
    assert mended.better
    assert np.mean(judge(after, later, len(TASKS)).loss) < np.mean(judge(live, later, len(TASKS)).loss) - 0.05
