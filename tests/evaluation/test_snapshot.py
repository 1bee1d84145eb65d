"""A pass that was stopped and goes on ends as if it had never stopped."""

import msgspec
import pytest

from online_model.evaluation import Evaluation, Snapshot, evaluate
from online_model.settings import ModelSettings


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="plain"),
        pytest.param({"late_ms": 30 * 60_000}, id="late-events-are-pending"),
        pytest.param({"frozen": True, "min_context": 2, "k": 3}, id="frozen"),
        pytest.param({"settings": ModelSettings(max_items=100)}, id="items-were-evicted"),
    ],
)
@pytest.mark.parametrize("stop", [1, 170, 400, 600])
def test_a_pass_through_bytes_goes_on_to_the_same_report(log, arguments, stop):
    total = sum(isinstance(record, tuple) for record in log)
    through = {"measure_from": total // 2, "window": 24} | arguments
    first = Evaluation(**through)
    for record in log[:stop]:
        first.take(record)
    kept = msgspec.msgpack.encode(first.snapshot())

    report = evaluate(log, total, resume=msgspec.msgpack.decode(kept, type=Snapshot), **arguments)

    assert report == evaluate(log, total, **arguments)
    assert report["events"] == total


def test_the_state_after_a_resume_is_bit_for_bit_that_of_an_unbroken_pass(log):
    unbroken, second = Evaluation(), Evaluation()
    for record in log[:500]:
        unbroken.take(record)
    second.resume(msgspec.msgpack.decode(state_of(unbroken), type=Snapshot))
    for record in log[500:]:
        unbroken.take(record)
        second.take(record)

    assert state_of(second) == state_of(unbroken)


def state_of(evaluation):
    return msgspec.msgpack.encode(evaluation.snapshot())
