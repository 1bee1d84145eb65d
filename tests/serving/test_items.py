"""GET /v1/trending and GET /v1/items/{item_id}/similar: whole answers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from online_model.actions import Step
from online_model.item_table import ItemTable
from online_model.kinds import Kind


def items(*pairs: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"item_id": item, "score": score} for item, score in pairs]


@pytest.mark.parametrize(
    ("query", "category", "listed"),
    [
        pytest.param("", "", [("hot", 1.0), ("<script>", 0.5), ("a/b", 0.25)], id="partitions-are-merged"),
        pytest.param("k=2", "", [("hot", 1.0), ("<script>", 0.5)], id="k"),
        pytest.param("exclude=hot", "", [("<script>", 0.5), ("a/b", 0.25)], id="exclude"),
        pytest.param("category=shoes", "shoes", [("hot", 1.0), ("a/b", 0.5)], id="category-and-below"),
        pytest.param("category=shoes%2Frunning", "shoes/running", [("hot", 1.0)], id="percent-encoded"),
        pytest.param("category=shoe", "shoe", [], id="a-path-is-no-prefix-of-letters"),
    ],
)
def test_trending(
    api: Any, settled: Callable[..., Any], query: str, category: str, listed: list[tuple[str, float]]
) -> None:
    answer = settled(api.ask(f"/v1/trending?{query}").json, "computed_ts")

    assert answer == {"category": category, "items": items(*listed), "source": "trending"}


def looked_at_before(api: Any, item: str, *others: str) -> None:
    """A row as the worker keeps it: shoppers looked at the others, one by one, then at the item."""
    table = ItemTable(api.settings.model)
    for place, other in enumerate(others):
        table.absorb(Step(1_000 + place, Kind.CLICK, item, previous=[(other, 500)]))
    api.redis.set(api.keys.row(item), table.dump_row(table.vocabulary.add(item)))


@pytest.mark.parametrize("item", ["shoe", "a/b c", "<script>"])
def test_similar_items_are_those_looked_at_together_and_available(
    api: Any, settled: Callable[..., Any], item: str
) -> None:
    looked_at_before(api, item, "near", "sold out", "hot", "near", "near")

    first, *rest = (
        answer := settled(api.ask(f"/v1/items/{quote(item, safe='')}/similar").json, "computed_ts")
    )["items"]

    assert first == {"item_id": "near", "score": 1.0}
    assert [other["item_id"] for other in rest] == ["hot"]
    assert rest[0]["score"] == pytest.approx(1 / 3, rel=0.02)  # one shopper of three; the weights fade
    assert {**answer, "items": []} == {"item_id": item, "items": [], "source": "co_visits"}
    assert api.ask(f"/v1/items/{quote(item, safe='')}/similar?k=1").json["items"] == [first]


@pytest.mark.parametrize(
    ("item", "listed"),
    [
        pytest.param("near", [("hot", 1.0)], id="what-trends-in-its-category"),
        pytest.param("hat", [("hot", 1.0), ("<script>", 0.5), ("a/b", 0.25)], id="itself-is-left-out"),
        pytest.param("never seen", [("hot", 1.0), ("<script>", 0.5), ("a/b", 0.25)], id="unknown"),
    ],
)
def test_for_an_item_nobody_looked_at_it_is_what_trends(
    api: Any, settled: Callable[..., Any], item: str, listed: list[tuple[str, float]]
) -> None:
    answer = settled(api.ask(f"/v1/items/{quote(item)}/similar").json, "computed_ts")

    assert answer == {"item_id": item, "items": items(*listed), "source": "trending"}
