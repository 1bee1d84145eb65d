"""The real samples, where they are at hand: their counts, their order, and the catalogue before the events."""

import itertools
from collections import Counter
from pathlib import Path

import pytest

from freshet.datasets import read

DATA = Path(__file__).parents[3] / "shared" / "data"


def sample(name, *parts):
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the sample {path} is not on this machine")
    said: list[str] = []
    return list(read(name, path, report=said.append)), said


def test_taobao():
    records, said = sample("taobao", "taobao_userbehavior_head", "UserBehavior_head.csv.gz")
    events = [record.event for record in records if record.topic != "items"]

    assert Counter(record.topic for record in records) == {
        "clicks": 75_837,
        "items": 55_344,
        "carts": 6_853,
        "purchases": 1_750,
    }
    assert (len(events), len({e.user_id for e in events}), len({e.item_id for e in events})) == (
        84_440,
        815,
        55_344,
    )
    assert len({e.event_id for e in events}) == 84_440
    assert all(before.ts <= after.ts for before, after in itertools.pairwise(events))
    assert said == ["35 events are dated outside the data set's own days and left out"]
    described = set()
    for record in records:
        if record.topic == "items":
            described.add(record.event.item_id)
        else:
            assert record.event.item_id in described


@pytest.mark.parametrize(
    ("parts", "users", "items"),
    [
        (("movielens_100k", "ml-100k.inter.gz"), 943, 1_682),
        (("movielens_1m_sample100k", "ratings.dat.gz"), 5_958, 3_312),
    ],
)
def test_movielens(parts, users, items):
    records, said = sample("movielens", *parts)

    assert (len(records), said) == (100_000, [])
    assert len({record.event.user_id for record in records}) == users
    assert len({record.event.item_id for record in records}) == items
