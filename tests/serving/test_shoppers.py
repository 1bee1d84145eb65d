"""GET /v1/users/{user_id}: all that is held about a person, whole."""

from typing import Any
from urllib.parse import quote

import pytest

from freshet.contract.topics import USER_TOPICS
from freshet.contract.user_state import pack_user_state
from online_model import Action, Kind, Profile, Recommender
from online_model.vocabulary import Vocabulary


@pytest.fixture
def acted(api: Any) -> Any:
    """Puts a shopper's profile into Redis as the worker does: what they did, and the offsets it reflects."""

    def act(user: str, actions: list[tuple[Kind, str, int]], **offsets: int) -> None:
        profile, vocabulary = Profile(api.settings.model), Vocabulary()
        for key, (kind, item, ts) in enumerate(actions):
            place = vocabulary.add(item)
            profile.fold(Action(kind=kind, item=item, ts=ts, key=key), place, vocabulary.keys[place])
        marks = [offsets.get(topic.name, -1) for topic in USER_TOPICS]
        api.redis.set(api.keys.profile(user), pack_user_state(marks, profile.dump(vocabulary)))

    return act


def remembered(item: str, kind: str, first_ts: int, last_ts: int, **more: Any) -> dict[str, Any]:
    counts = {"clicks": 0, "carts": 0, "purchases": 0, "ratings": 0, "basket": False}
    return {"item_id": item, "kind": kind, **counts, "first_ts": first_ts, "last_ts": last_ts, **more}


@pytest.mark.parametrize("user", ["p1", "p/1", "<b>"])
def test_all_that_is_held(api: Any, settled: Any, acted: Any, user: str) -> None:
    did = [
        (Kind.CLICK, "hot", 1_000),
        (Kind.CLICK, "hot", 2_000),
        (Kind.CART, "hat", 3_000),
        (Kind.PURCHASE, "unknown", 4_000),
        (Kind.HIDE, "near", 5_000),
    ]
    acted(user, did, clicks=11, carts=4, purchases=2)
    api.publish(user, {"hot": [0.5, 0.25, 0.125]})

    answer = api.ask(f"/v1/users/{quote(user, safe='')}")

    assert answer.status == 200
    assert settled(answer.json) == {
        "user_id": user,
        "history": [
            remembered("unknown", "purchase", 4_000, 4_000, purchases=1),
            remembered("hat", "cart", 3_000, 3_000, carts=1, basket=True),
            remembered("hot", "click", 1_000, 2_000, clicks=2),
        ],
        "hidden": [{"item_id": "near", "ts": 5_000}],
        "pages": [],
        "categories": [{"name": "shoes/running", "weight": 0.5}, {"name": "hats", "weight": 0.25}],
        "brands": [{"name": "Acme", "weight": 0.75}],
        "segment": None,
        "published": 1,
        "event_ts": 5_000,
        "offsets": {"clicks": 11, "carts": 4, "purchases": 2},
    }


def test_searches_are_held_as_numbers(api: Any) -> None:
    core = Recommender()
    profile = core.profile()
    for ts, query in ((1_000, "red shoes"), (2_000, "Shoes for winter")):
        core.observe(profile, Action(Kind.SEARCH, "", ts, ts, query=query), (0, 0, ts))
    blob = pack_user_state([-1] * len(USER_TOPICS), profile.dump(core.items.vocabulary))
    api.redis.set(api.keys.profile("searcher"), blob)

    answer = api.ask("/v1/users/searcher")

    assert answer.json["searched"] == [{"words": 3, "ts": 2_000}, {"words": 1, "ts": 1_000}]


@pytest.mark.parametrize("after", [Kind.UNCART, Kind.PURCHASE])
def test_a_basket_empties(api: Any, acted: Any, after: Kind) -> None:
    acted("p2", [(Kind.CART, "hat", 1_000), (after, "hat", 2_000)])

    (entry,) = api.ask("/v1/users/p2").json["history"]

    assert entry["basket"] is False


def test_pages_whose_labels_may_still_come(api: Any) -> None:
    core = Recommender(api.settings.model, [task.task() for task in api.settings.pair_tasks])
    profile = core.profile()
    core.observe(
        profile, Action(Kind.IMPRESSION, "", 1_000, 1, items=("a", "b"), placement="home"), (0, 0, 0)
    )
    core.observe(profile, Action(Kind.CLICK, "b", 2_000, 2), (0, 0, 1))
    marks = [-1] * len(USER_TOPICS)
    api.redis.set(api.keys.profile("pages"), pack_user_state(marks, profile.dump(core.items.vocabulary)))

    pages = api.ask("/v1/users/pages").json["pages"]

    labels = {"click": 1, "cart": 0, "purchase": 0}
    assert pages == [{"ts": 1_000, "placement": "home", "items": 2, "labels": labels}]
