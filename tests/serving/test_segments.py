"""Lists of a segment: for a shopper with a past but no list, between what is personal and what trends over all."""

from collections.abc import Callable
from typing import Any

import pytest

from freshet.contract.topics import USER_TOPICS
from freshet.contract.user_state import pack_user_state
from online_model import Action, Kind, Recommender
from online_model.segments import Segments, interest

TS = 1_764_000_000_000
HALF_A_DAY_MS = 43_200_000


@pytest.fixture
def shopper(own_api: Any) -> Any:
    """An API whose shopper "s" looked at shoes and hid "hidden"; in that segment four things trend."""
    core = Recommender()
    profile = core.profile()
    log = [Action(Kind.CLICK, "near", TS, 1), Action(Kind.HIDE, "hidden", TS + 1, 2)]
    for n, action in enumerate(log):
        core.observe(profile, action, (0, 0, n))
    blob = pack_user_state([-1] * len(USER_TOPICS), profile.dump(core.items.vocabulary))
    own_api.redis.set(own_api.keys.profile("s"), blob)
    segments, shoes = Segments(), interest(["shoes/running"])
    assert shoes is not None
    for n, item in enumerate(("hat", "sold out", "hidden", "near")):  # the last is the hottest
        segments.learn(shoes, item, TS + n * HALF_A_DAY_MS)
    own_api.redis.hset(own_api.keys.segments(), "0", segments.dump(0))
    return own_api


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        pytest.param(
            "", {"near": 1.0, "hat": pytest.approx(2**-1.5, abs=1e-6)}, id="available-and-not-hidden"
        ),
        pytest.param("k=1", {"near": 1.0}, id="k"),
        pytest.param("category=hats", {"hat": 1.0}, id="category"),
        pytest.param("exclude=near", {"hat": 1.0}, id="exclude"),
    ],
)
def test_what_trends_among_shoppers_alike(
    shopper: Any, settled: Callable[..., Any], query: str, listed: dict[str, float]
) -> None:
    answer = settled(shopper.ask(f"/v1/users/s/recommendations?{query}").json, "computed_ts")

    items = [
        {"item_id": item, "score": score, "scores": {}, "source": "segment"} for item, score in listed.items()
    ]
    assert answer == {"user_id": "s", "items": items, "source": "segment", "model": None, "event_ts": None}


def test_a_list_of_ones_own_comes_first_and_trends_last(shopper: Any) -> None:
    nothing_left = shopper.ask("/v1/users/s/recommendations?exclude=near,hat").json["source"]
    shopper.publish("s", {"near": [0.5, 0.25, 0.125]})

    assert shopper.ask("/v1/users/s/recommendations").json["source"] == "personal"
    assert shopper.ask("/v1/users/s/recommendations?exclude=near").json["source"] == "segment"
    assert shopper.ask("/v1/users/unknown/recommendations").json["source"] == "trending"
    assert nothing_left == "trending"


def test_a_person_can_see_their_segment(shopper: Any) -> None:
    assert shopper.ask("/v1/users/s").json["segment"] == "0"
