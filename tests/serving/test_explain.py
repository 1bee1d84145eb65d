"""GET /v1/users/{user_id}/explain/{item_id} and `freshet explain`: the core's own words, out of Redis."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from morning import START, Worker, leave_in_redis, live_through_a_morning

from freshet.cli import main
from freshet.cli.explain import bar
from freshet.services import set_arguments
from online_model.kinds import Kind

TASKS = ("click", "cart", "purchase")


@pytest.fixture(scope="module")
def morning(make_api: Any, stack: Any, tmp_path_factory: Any) -> Any:
    worker = live_through_a_morning()
    with make_api(stack, tmp_path_factory.mktemp("explain")) as api:
        leave_in_redis(worker, api)
        yield api, worker


def shown(worker: Worker, user: str, item: str) -> dict[str, Any]:
    """The answer that the core's explanation gives."""
    told = worker.core.explain(worker.profiles[user], item, worker.newest[user])
    because = {}
    if told.cause:
        name, kind, ts = told.cause
        because = {"because": {"item_id": name, "kind": Kind(kind).name.lower(), "ts": ts}}
    return {
        "user_id": user,
        "item_id": item,
        "source": told.source,
        "tasks": {
            task: {
                "prediction": pytest.approx(said.p, abs=1e-7),
                "score": pytest.approx(said.score, abs=1e-6),
                "contributions": {
                    name: pytest.approx(part, abs=1e-6) for name, part in said.parts.items() if part
                },
            }
            for task, said in zip(TASKS, told.tasks, strict=True)
        },
        "model": {"encoder": "none", "heads": worker.core.heads.learned},
        "event_ts": worker.newest[user],
        **because,
    }


@pytest.mark.parametrize("user", ["w/0", "w/7"])
@pytest.mark.parametrize("item", ["i0", "i7", "i41"])
def test_it_is_the_cores_own_explanation(
    morning: tuple[Any, Worker], settled: Callable[..., Any], user: str, item: str
) -> None:
    api, worker = morning

    answer = settled(api.ask(f"/v1/users/{quote(user, safe='')}/explain/{item}").json, "computed_ts")

    assert answer == shown(worker, user, item)
    for task in answer["tasks"].values():
        assert sum(task["contributions"].values()) == pytest.approx(task["score"], abs=1e-9)


def test_someone_unknown_and_something_unknown_are_new_ones(morning: tuple[Any, Worker]) -> None:
    api, _ = morning

    answer = api.ask("/v1/users/who/explain/never%2Fseen").json

    assert (answer["user_id"], answer["item_id"], answer["source"]) == ("who", "never/seen", "asked")
    assert answer["event_ts"] is None and "because" not in answer
    assert all(0 < task["prediction"] < 1 for task in answer["tasks"].values())


@pytest.mark.parametrize("path", ["/v1/users/u/explain/", "/v1/users//explain/i", "/v1/users/u/explain"])
def test_an_id_that_is_missing_is_not_an_explanation(morning: tuple[Any, Worker], path: str) -> None:
    assert morning[0].ask(path).status == 404


def test_the_command_draws_every_task_with_its_parts(
    morning: tuple[Any, Worker], capsys: pytest.CaptureFixture[str]
) -> None:
    api, worker = morning

    assert main(["explain", "w/0", "i7", *set_arguments(api.overrides)]) == 0

    said, told = (
        capsys.readouterr().out,
        worker.core.explain(worker.profiles["w/0"], "i7", worker.newest["w/0"]),
    )
    for task, parts in zip(TASKS, told.tasks, strict=True):
        assert f"{task}: {parts.p:.4g}, from a score of {parts.score:+.3f}" in said
        for name, part in parts.parts.items():
            if part:
                assert re.search(rf"{name} +{re.escape(f'{part:+.3f}')} [ █]+│[ █]*", said), (name, said)


def test_the_command_says_which_redis_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "u", "i", "--set", "redis.url=redis://127.0.0.1:1/0"]) == 2

    assert "Redis does not answer at redis://127.0.0.1:1/0; see redis.url" in capsys.readouterr().err


@pytest.mark.parametrize(("share", "left", "right"), [(0.0, 0, 0), (1.0, 0, 12), (-1.0, 12, 0), (0.24, 0, 3)])
def test_a_bar_is_as_long_as_its_share(share: float, left: int, right: int) -> None:
    against, for_ = bar(share).plain.split("│")

    assert (against.count("█"), for_.count("█"), len(against), len(for_)) == (left, right, 12, 12)


def test_the_newest_event_is_the_time_of_the_explanation(morning: tuple[Any, Worker]) -> None:
    api, worker = morning

    assert api.ask("/v1/users/w%2F3/explain/i1").json["event_ts"] == worker.newest["w/3"] > START
