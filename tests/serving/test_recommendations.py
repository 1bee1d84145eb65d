"""GET /v1/users/{user_id}/recommendations: whole answers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

SHOES = {  # click, cart, purchase: numbers that half precision holds exactly
    "hot": [0.5, 0.25, 0.125],  # blend 1·.5 + 3·.25 + 6·.125 = 2.0
    "a/b": [0.75, 0.125, 0.125],  # 1.875
    "hat": [0.25, 0.25, 0.0625],  # 1.375
    "near": [0.125, 0.0, 0.0],  # .125
}


def listed(item: str, score: float, **more: Any) -> dict[str, Any]:
    scores = dict(zip(("click", "cart", "purchase"), SHOES[item], strict=True))
    return {"item_id": item, "score": score, "scores": scores, "source": "co_visits", **more}


def personal(user: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "user_id": user,
        "items": items,
        "source": "personal",
        "model": {"encoder": "none", "heads": 7},
        "event_ts": 1_000,
        "computed_ts": 1_042,
    }


def trending(user: str, *items: tuple[str, float]) -> dict[str, Any]:
    listed = [{"item_id": item, "score": heat, "scores": {}, "source": "trending"} for item, heat in items]
    return {"user_id": user, "items": listed, "source": "trending", "model": None, "event_ts": None}


@pytest.mark.parametrize(
    ("query", "items"),
    [
        pytest.param(
            "", [("hot", 2.0), ("a/b", 1.875), ("hat", 1.375), ("near", 0.125)], id="blend-of-the-settings"
        ),
        pytest.param("k=2", [("hot", 2.0), ("a/b", 1.875)], id="k"),
        pytest.param("k=", [("hot", 2.0), ("a/b", 1.875), ("hat", 1.375), ("near", 0.125)], id="as-forms-do"),
        pytest.param(
            "objective=click", [("a/b", 0.75), ("hot", 0.5), ("hat", 0.25), ("near", 0.125)], id="one-task"
        ),
        pytest.param("objective=cart&k=2", [("hot", 0.25), ("hat", 0.25)], id="ties-keep-the-list's-order"),
        pytest.param(
            "weights=click:1,cart:2",
            [("hot", 1.0), ("a/b", 1.0), ("hat", 0.75), ("near", 0.125)],
            id="own-blend",
        ),
        pytest.param("weights=click:-1&k=1", [("near", -0.125)], id="a-weight-may-be-negative"),
        pytest.param(
            "category=shoes", [("hot", 2.0), ("a/b", 1.875), ("near", 0.125)], id="category-and-below"
        ),
        pytest.param("category=shoes/running", [("hot", 2.0), ("near", 0.125)], id="a-deeper-category"),
        pytest.param("exclude=hot,a%2Fb", [("hat", 1.375), ("near", 0.125)], id="exclude"),
        pytest.param("exclude=hot&category=shoes&k=1", [("a/b", 1.875)], id="all-filters-before-k"),
    ],
)
def test_a_known_shopper_gets_the_published_list(
    api: Any, settled: Callable[..., Any], query: str, items: list[tuple[str, float]]
) -> None:
    api.publish("u1", SHOES)

    answer = api.ask(f"/v1/users/u1/recommendations?{query}")

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert settled(answer.json) == personal("u1", [listed(*item) for item in items])


def test_equals_keep_the_list_s_order_however_many(api: Any) -> None:
    same = {f"i{n}": [0.5, 0.25, 0.125] for n in range(50)}
    api.publish("equals", same)

    answer = api.ask("/v1/users/equals/recommendations?k=50").json

    assert [item["item_id"] for item in answer["items"]] == list(same)


def test_because_names_the_item_of_the_history_and_explain_what_each_task_adds(
    api: Any, settled: Callable[..., Any]
) -> None:
    api.publish("u2", {"hot": SHOES["hot"], "hat": SHOES["hat"]}, causes=["near"], cause=bytes([1, 0]))

    answer = api.ask("/v1/users/u2/recommendations?explain=true").json

    added = [{"click": 0.5, "cart": 0.75, "purchase": 0.75}, {"click": 0.25, "cart": 0.75, "purchase": 0.375}]
    assert settled(answer) == personal(
        "u2",
        [
            listed("hot", 2.0, because="near", contributions=added[0]),
            listed("hat", 1.375, contributions=added[1]),
        ],
    )


@pytest.mark.parametrize(
    ("user", "query", "items"),
    [
        pytest.param("nobody", "", [("hot", 1.0), ("<script>", 0.5), ("a/b", 0.25)], id="unknown-shopper"),
        pytest.param("nobody", "k=1", [("hot", 1.0)], id="k"),
        pytest.param("nobody", "category=shoes", [("hot", 1.0), ("a/b", 0.5)], id="category-and-below"),
        pytest.param("nobody", "category=socks", [], id="a-category-nobody-looked-at"),
        pytest.param("nobody", "exclude=hot", [("<script>", 0.5), ("a/b", 0.25)], id="exclude"),
        pytest.param("few", "category=hats", [("hat", 1.0)], id="nothing-left-of-the-list"),
        pytest.param("older", "k=1", [("hot", 1.0)], id="a-list-made-for-other-tasks"),
        pytest.param("empty", "k=1", [("hot", 1.0)], id="an-empty-list"),
    ],
)
def test_where_no_list_is_the_answer_is_what_trends(
    api: Any, settled: Callable[..., Any], user: str, query: str, items: list[tuple[str, float]]
) -> None:
    api.publish("few", {"hot": [0.5, 0.25, 0.125]})
    api.publish("older", {"near": [0.5, 0.25]})
    api.publish("empty", {})

    answer = api.ask(f"/v1/users/{user}/recommendations?{query}")

    assert answer.status == 200
    assert settled(answer.json, "computed_ts") == trending(user, *items)


def test_a_list_of_another_version_is_as_none(api: Any, settled: Callable[..., Any]) -> None:
    api.redis.set(api.keys.published("future"), b"\x63 what a later release writes")

    answer = api.ask("/v1/users/future/recommendations?k=1").json

    assert settled(answer, "computed_ts") == trending("future", ("hot", 1.0))


@pytest.mark.parametrize(
    "user", ["a/b", "../x", "100%", "a%2Fb", "u 1", "ünï", "a?b#c", "x+y", "/", "<script>"]
)
def test_an_id_may_hold_any_printable_characters(api: Any, settled: Callable[..., Any], user: str) -> None:
    api.publish(user, {"hot": SHOES["hot"]})

    answer = api.ask(f"/v1/users/{quote(user, safe='')}/recommendations").json

    assert settled(answer) == personal(user, [listed("hot", 2.0)])


def test_head_has_the_headers_of_get_and_no_body(api: Any) -> None:
    api.publish("u3", SHOES)

    head, get = (api.ask("/v1/users/u3/recommendations", method) for method in ("HEAD", "GET"))

    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
