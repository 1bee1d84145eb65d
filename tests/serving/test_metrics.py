"""/metrics: every answer is counted once, over all processes, and labels hold neither users nor items."""

import time
from pathlib import Path
from typing import Any

import pytest

from freshet.demo.gauges import Gauges, parse
from freshet.local import LocalStack

LIST = "/v1/users/{user_id}/recommendations"


@pytest.fixture
def two_processes(stack: LocalStack, tmp_path: Path, make_api: Any) -> Any:
    with make_api(stack, tmp_path, "api.workers=2") as api:
        yield api


def gauges(api: Any) -> Gauges:
    answer = api.ask("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return parse(answer.body.decode())


def test_answers_are_counted_over_all_processes(two_processes: Any) -> None:
    api = two_processes
    api.publish("m1", {"hot": [0.5, 0.25, 0.125]}, computed_ts=int(time.time() * 1000) - 3_000)
    before = gauges(api)

    for _ in range(20):
        api.ask("/v1/users/m1/recommendations")
    api.ask("/v1/users/m1/recommendations?k=0")
    api.ask("/v1/nowhere")
    api.ask("/v1/rank", "DELETE")
    since = gauges(api).since(before)

    assert since.total("freshet_answers_total", route=LIST, status="200") == 20
    assert since.total("freshet_answers_total", route=LIST, status="400") == 1
    assert since.total("freshet_answers_total", route="none", status="404") == 1
    assert since.total("freshet_answers_total", route="none", status="405") == 1
    assert since.total("freshet_answers_total", route="/metrics") == 1  # the one before; none counts itself
    assert since.total("freshet_answers_total") == 24
    assert since.total("freshet_lookup_seconds_count", route=LIST) == 21
    assert 0 < since.total("freshet_lookup_seconds_sum", route=LIST) < 21
    assert since.total("freshet_score_age_seconds_count") == 20
    assert since.total("freshet_score_age_seconds_sum") == pytest.approx(20 * 3, abs=20)
    assert since.total("freshet_stale_answers_total") == since.total("freshet_redis_failures_total") == 0


def test_the_served_encoder_is_named(api: Any) -> None:
    assert gauges(api).label("freshet_served_model_info", "encoder") == "none"


def test_no_label_grows_with_shoppers_or_items(api: Any) -> None:
    before = {name for name, _ in gauges(api).samples}
    for n in range(50):
        api.ask(f"/v1/users/m{n}/recommendations")
        api.ask(f"/v1/items/m{n}/similar")
    samples = gauges(api).samples

    assert {name for name, _ in samples} == before
    assert {label for _, labels in samples for label, _ in labels} <= {
        "route",
        "status",
        "le",
        "encoder",
        "what",
    }
    assert not [labels for _, labels in samples for _, value in labels if "/m1" in value]
