"""Frequent refresh beats rare refresh where tastes drift, trends turn and items are launched."""

from collections.abc import Collection

import msgspec
import numpy as np
import pytest
from encoder.shop_log import shop_log
from encoder.taste_world import TASKS
from numpy.typing import NDArray

from freshet.simulator import ShopSettings
from online_model import Example
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import Described
from online_model.encoder.judge import K, judge
from online_model.encoder.refresh import refresh
from online_model.encoder.settings import EncoderSettings

EVENTS, OFTEN, RARELY = 10_000, 500, 2_000  # examples between refreshes; the first is the same
SHOP = ShopSettings(
    shoppers=200,
    items=200,
    visits_a_day=4.0,
    drift=0.1,
    launched_later=0.4,
    launch_days=4.0,
    trend_hours=12.0,
)
SMALL = EncoderSettings(
    dim=16, hidden=16, id_buckets=4096, category_buckets=512, word_buckets=1024, batch=128
)


def life(examples: list[Example], known: Described, at: Collection[int]) -> NDArray[np.float64]:
    """[2, choices after the first refresh]: loss and hit among the first K, by the encoder that serves at each. Every
    refresh trains on the newest RARELY examples and passes the gate."""
    live: CompiledEncoder | None = None
    judged = []
    for n in range(RARELY, len(examples), OFTEN):
        if n in at:
            result = refresh(examples[n - RARELY : n], TASKS, SMALL, live, known)
            if result.better:
                live = CompiledEncoder(f"v{n}", TASKS, SMALL, result.weights, known)
        ahead = judge(live, examples[n : n + OFTEN], len(TASKS))
        judged.append(np.stack([ahead.loss, ahead.rank < K]))
    return np.concatenate(judged, axis=1)


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_frequent_refresh_beats_rare_refresh(seed: int) -> None:
    """Each choice is judged before any encoder has learned from it. Nats, and share of choices, on a whole life."""
    examples, known = shop_log(msgspec.structs.replace(SHOP, seed=seed), EVENTS)
    often, rarely = (
        life(examples, known, range(RARELY, len(examples), step)).mean(axis=1) for step in (OFTEN, RARELY)
    )

    assert often[0] < rarely[0] - 0.1
    assert often[1] > rarely[1] + 0.015
