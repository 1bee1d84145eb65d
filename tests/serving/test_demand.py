"""GET /v1/items/{item_id}/demand: whole answers, from a row, the shop's events and the catalogue."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from freshet.contract.partitioner import partition_of
from online_model.actions import Step
from online_model.demand import ShopDemand
from online_model.item_table import ItemTable
from online_model.kinds import Kind

START_MS, HOUR_MS = 1_700_000_000_000, 3_600_000


def sell(api: Any, item: str, hours: range, units: float = 1.0, **description: Any) -> ShopDemand:
    """An item bought once an hour; the row and the shop's demand as the worker keeps them."""
    table, demand = ItemTable(api.settings.model), ShopDemand()
    place = table.add(item)
    for hour in hours:
        step = Step(START_MS + hour * HOUR_MS, Kind.PURCHASE, item, units=units)
        known = bool(table.stats["first_ts"][place])
        demand.learn(table.levels(place), known, int(step.kind), step.units, step.ts)
        table.absorb(step)
    partition = partition_of(item, api.settings.kafka.item_partitions)
    api.redis.set(api.keys.row(item), table.dump_row(place))
    api.redis.set(api.keys.demand(partition), demand.dump())
    api.redis.set(api.keys.description(item), json.dumps({"item_id": item, **description}))
    return demand


def test_an_item_with_stock(api: Any, settled: Callable[..., Any]) -> None:
    sell(api, "lamp/1", range(30 * 24), stock=120)

    answer = settled(api.ask("/v1/items/lamp%2F1/demand").json)

    expected, low, high = (answer.pop(name) for name in ("expected", "low", "high"))
    assert expected == pytest.approx(24, rel=0.2)
    assert low < expected < high and (low, high) == (int(low), int(high))
    assert answer.pop("days_of_stock") == pytest.approx(120 / expected, abs=0.01)
    assert abs(answer.pop("trend")) < 0.2
    assert answer == {
        "item_id": "lamp/1",
        "task": "demand",
        "window": "24h",
        "event_ts": START_MS + (30 * 24 - 1) * HOUR_MS,
        "stock": 120.0,
    }


def test_quantities_count_and_no_stock_is_said_by_silence(api: Any) -> None:
    one = sell(api, "chair", range(30 * 24)), api.ask("/v1/items/chair/demand").json
    six = sell(api, "chair", range(30 * 24), units=6.0), api.ask("/v1/items/chair/demand").json

    assert six[1]["expected"] == pytest.approx(6 * one[1]["expected"], rel=0.05)
    assert "stock" not in six[1] and "days_of_stock" not in six[1]


def test_what_nobody_touched_but_the_catalogue_names_gets_a_small_number(api: Any) -> None:
    sell(api, "table", range(24))

    answer = api.ask("/v1/items/hat/demand").json

    assert 0 <= answer["expected"] < 0.5
    assert answer["low"] == 0


def test_an_item_nobody_has_told_of_is_a_404(api: Any) -> None:
    answer = api.ask("/v1/items/never%20seen/demand")

    assert (answer.status, answer.json["detail"]) == (404, "nothing is known of an item 'never seen'")


def test_a_task_that_counts_nothing_is_named_with_those_that_do(api: Any) -> None:
    answer = api.ask("/v1/items/hat/demand?task=click")

    assert answer.status == 400
    assert answer.json["detail"] == "task: the name of a task of kind count, of demand; got 'click'"


def test_a_table_in_the_settings_is_a_task_with_its_own_window_and_label(
    make_api: type, stack: Any, tmp_path: Any
) -> None:
    tasks = [
        {"name": "click", "label": "clicks"},
        {"name": "sold", "kind": "count", "label": "purchases", "per": "item", "window": "6h"},
        {"name": "looks", "kind": "count", "label": "clicks", "per": "item", "window": "7d"},
    ]
    with make_api(stack, tmp_path, f"tasks={json.dumps(tasks)}") as api:
        sell(api, "lamp", range(30 * 24))
        sold, looks = (api.ask(f"/v1/items/lamp/demand{query}").json for query in ("", "?task=looks"))

    assert (sold["task"], sold["window"], looks["task"], looks["window"]) == ("sold", "6h", "looks", "7d")
    assert sold["expected"] == pytest.approx(6, rel=0.25)
    assert looks["expected"] < 3  # nobody clicked: what a purchase is guessed to bring


def test_without_a_task_that_counts_it_says_which_table_to_add(
    make_api: type, stack: Any, tmp_path: Any
) -> None:
    tasks = json.dumps([{"name": "click", "label": "clicks"}])
    with make_api(stack, tmp_path, f"tasks={tasks}") as api:
        answer = api.ask("/v1/items/lamp/demand")

    assert answer.status == 404
    assert 'kind = "count"' in answer.json["detail"]
