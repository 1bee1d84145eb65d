"""GET /v1/items/map, and the map that the dashboard draws of it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from chromium import needs_chromium, seen

from online_model.actions import Step
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.weights import blank
from online_model.item_map import co_visit_vectors, flat_map
from online_model.item_table import ItemTable
from online_model.kinds import Kind
from online_model.settings import ModelSettings


@pytest.fixture
def walking(own_api: Any) -> Any:
    """The shop with one more category, of an item with a name that is not to be taken for markup."""
    told = {"shoes/walking": msgspec.msgpack.encode([("<script>", 4.5)])}
    own_api.redis.hset(own_api.keys.tops(1), mapping=told)
    return own_api


def test_items_looked_at_together_lie_together(walking: Any, settled: Callable[..., Any]) -> None:
    table = ItemTable(walking.settings.model)
    for n in range(20):
        table.absorb(Step(1_000 + n, Kind.CLICK, "hot", previous=[("<script>", 500)]))
    for item in ("hot", "<script>"):
        walking.redis.set(walking.keys.row(item), table.dump_row(table.vocabulary.find(item)))

    answer = settled(walking.ask("/v1/items/map").json, "computed_ts")

    places = {item.pop("item_id"): np.array([item.pop("x"), item.pop("y")]) for item in answer["items"]}
    near = np.linalg.norm(places["hot"] - places["<script>"])
    assert near < 0.2 * np.linalg.norm(places["hot"] - places["a/b"])
    assert answer == {
        "items": [
            {"category": "shoes/running", "heat": 1.0},
            {"category": "shoes/walking", "heat": 0.707107},
            {"category": "shoes", "heat": 0.5},
            {"category": "hats", "heat": 0.0625},
        ],
        "source": "co_visits",
    }


def test_a_shop_without_events_has_an_empty_map(make_api: Any, stack: Any, tmp_path: Path) -> None:
    with make_api(stack, tmp_path) as api:
        assert api.ask("/v1/items/map").json["items"] == []


@needs_chromium
def test_the_dashboard_draws_it_and_ids_stay_text(walking: Any, tmp_path: Path) -> None:
    html = seen(f"http://127.0.0.1:{walking.port}/", tmp_path)

    assert len(re.findall(r"<circle [^>]*fill=\"hsl\(\d+ 60% 50%\)\"", html)) == 4
    assert "<title>&lt;script&gt;, shoes/walking</title>" in html
    assert "the 4 hottest items, near what is alike by who looks at both" in html


def test_a_map_keeps_distances_of_what_lies_in_a_plane() -> None:
    rng = np.random.default_rng(1)
    plane, turned = (
        rng.normal(size=(30, 2)) @ np.diag([2.0, 1.0]),
        np.linalg.qr(rng.normal(size=(9, 9)))[0][:2],
    )

    places = flat_map((plane @ turned + 5).astype(np.float32))

    apart = np.linalg.norm(plane[:, None] - plane[None], axis=2)
    drawn = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.testing.assert_allclose(drawn, apart * (drawn.max() / apart.max()), atol=1e-4)
    assert np.abs(places).max() == pytest.approx(1)


@pytest.mark.parametrize(
    "vectors", [np.zeros((0, 4)), np.zeros((1, 4)), np.ones((5, 4)), np.full((3, 1), 1e-3)]
)
def test_a_map_of_nothing_or_of_equals_is_all_in_the_middle(vectors: np.ndarray) -> None:
    assert flat_map(vectors).tolist() == [[0, 0]] * len(vectors)


def test_co_visit_vectors_are_alike_for_items_of_one_company() -> None:
    both = {"b": {"a": 5.0}, "a": {"b": 3.0, "elsewhere": 9.0}, "d": {"c": 1.0}}

    vectors = co_visit_vectors(["a", "b", "c", "d"], both)

    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert vectors[0] @ vectors[1] > 0.9 and vectors[0] @ vectors[2] == 0


def test_the_encoders_vectors_are_those_of_the_items_and_their_categories() -> None:
    settings = EncoderSettings(dim=4, hidden=1, id_buckets=64, category_buckets=64, word_buckets=8)
    weights, rng = blank(settings, 1), np.random.default_rng(2)
    for part in weights.item:
        part[...] = rng.normal(size=part.shape)
    encoder, table = CompiledEncoder("v", ("click",), settings, weights), ItemTable(ModelSettings())
    for item, category in (("a", "shoes"), ("b", "shoes"), ("c", "hats"), ("d", None)):
        table.describe(item, category)

    vectors = encoder.item_vectors(np.arange(4, dtype=np.int32), table)

    low = np.uint64(2**32 - 1)
    shoes, hats = (table.categories.keys[:2] & low).tolist()
    wanted = encoder.vectors_of(
        (table.keys[:4] & low).astype(np.uint32), np.array([shoes, shoes, hats, 0], np.uint32)
    )
    np.testing.assert_array_equal(vectors, wanted)
    assert len(np.unique(vectors, axis=0)) == 4
