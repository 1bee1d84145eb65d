"""Segments: a bounded fold that finds who is alike, and on Taobao beats global trends for those with a thin past."""

import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from freshet.actions import to_action, to_description
from freshet.datasets import read
from online_model.actions import Step
from online_model.item_table import ItemTable
from online_model.segments import Segments, interest
from online_model.segments.segments import LISTED, MOST, SEGMENTS
from online_model.settings import ModelSettings

SAMPLE = Path(__file__).parents[3] / "shared/data/taobao_userbehavior_head/UserBehavior_head.csv.gz"
START_MS, DAY_MS = 1_700_000_000_000, 86_400_000
TASTES = (
    ("shoes/running", "sport/balls"),
    ("books/crime", "books/history"),
    ("garden/plants", "garden/tools"),
)


def visits(count: int, seed: int = 3) -> list[tuple[int, list[str], str, int]]:
    """(taste, categories looked at before, item, ts): shoppers of three tastes."""
    draw = random.Random(seed)
    made = []
    for n in range(count):
        taste = draw.randrange(len(TASTES))
        before = [draw.choice(TASTES[taste]) for _ in range(draw.randint(1, 4))]
        made.append((taste, before, f"{taste}-{draw.randrange(40)}", START_MS + 60_000 * n))
    return made


def learned(log: list[tuple[int, list[str], str, int]], reload_every: int = 0) -> Segments:
    segments, dumps = Segments(), dict[int, bytes]()
    for n, (_, before, item, ts) in enumerate(log):
        direction = interest(before)
        assert direction is not None
        segments.learn(direction, item, ts)
        if reload_every and n % reload_every == 0:
            dumps |= {segment: segments.dump(segment) for segment in segments.take_dirty()}
            segments = Segments.load(dumps)
    return segments


def test_shoppers_of_a_taste_share_segments_whose_trends_are_of_that_taste() -> None:
    segments, log = learned(visits(3_000)), visits(300, seed=4)

    for taste, before, _, _ in log:
        direction = interest(before)
        assert direction is not None
        top = segments.top(segments.segment_of(direction), 20)
        assert {item.split("-")[0] for item, _ in top} == {str(taste)}
    assert 3 <= len(segments) <= SEGMENTS


def test_stored_and_loaded_on_the_way_they_end_the_same_to_the_last_bit() -> None:
    straight, broken = learned(visits(1_000)), learned(visits(1_000), reload_every=37)

    assert [straight.dump(n) for n in range(len(straight))] == [broken.dump(n) for n in range(len(broken))]


def test_they_stay_bounded_however_many_categories_and_items_there_are() -> None:
    segments, rng = Segments(), np.random.default_rng(1)
    for n in range(5_000):
        direction = interest([f"c{rng.integers(3_000)}"])
        assert direction is not None
        segments.learn(direction, f"item-{n}", START_MS + n)

    assert len(segments) == SEGMENTS
    assert all(len(segments.top(n, 10**6)) <= MOST for n in range(SEGMENTS))
    assert all(len(segments.dump(n)) < 8_000 for n in range(SEGMENTS))


def test_the_hottest_of_a_segment_are_those_of_today() -> None:
    segments, direction = Segments(), interest(["shoes"])
    assert direction is not None
    for n in range(30):
        segments.learn(direction, "once", START_MS + n)
    for n in range(5):
        segments.learn(direction, "now", START_MS + 4 * DAY_MS + n)

    assert [item for item, _ in segments.top(0)] == ["now", "once"]
    assert len(segments.top(0, LISTED)) == 2


def test_nothing_is_known_of_someone_without_a_category_and_before_the_first_shopper() -> None:
    direction = interest(["shoes"])
    assert direction is not None

    assert interest([]) is interest(["", ""]) is None
    assert Segments().segment_of(direction) == -1
    assert len(Segments.load({0: b"\x63nonsense"})) == len(Segments.load({1: b""})) == 0


def thin_recall(every: int) -> dict[str, float]:
    """Recall@20 of the second half's clicks (each `every`-th) for a shopper of whom three items are known."""
    segments, table = Segments(), ItemTable(ModelSettings())
    categories: dict[str, str] = {}
    newest: dict[str, list[str]] = defaultdict(list)
    hits, n, events = {"segment": 0, "trending": 0}, 0, 0
    for topic, event, _ in read("taobao", SAMPLE, report=lambda said: None):
        if topic == "items":
            categories[event.item_id] = event.category
            table.describe_from(to_description(event))
            continue
        action, known = to_action(topic, event), newest[event.user_id]
        thin = interest([categories[item] for item in known[:3]])
        events += 1
        if events > 42_220 and topic == "clicks" and thin is not None and events % every == 0:
            n += 1
            in_segment = [item for item, _ in segments.top(segments.segment_of(thin), 20)]
            hits["segment"] += action.item in in_segment
            hits["trending"] += action.item in table.top_names()[:20]
        direction = interest([categories[item] for item in known] or [categories[action.item]])
        if direction is not None:
            segments.learn(direction, action.item, action.ts)
        table.absorb(Step(action.ts, action.kind, action.item))
        newest[event.user_id] = [action.item, *(item for item in known if item != action.item)][:10]
    return {"n": n, **{name: hit / n for name, hit in hits.items()}}


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"the sample is not at {SAMPLE}")
def test_three_items_are_enough_for_a_better_page_than_what_trends_over_all() -> None:
    """Only 196 clicks of the second half are of shoppers with fewer than five events, so all are asked as if no more
    than their newest three items were known."""
    recall = thin_recall(every=8)

    assert recall["n"] > 4_000
    assert recall["segment"] > 1.3 * recall["trending"], recall
