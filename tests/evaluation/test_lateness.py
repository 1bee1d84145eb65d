"""An event that counts later: nothing but the delay changes, and the delay costs."""

import pytest

from online_model.actions import Action
from online_model.evaluation import Evaluation, evaluate
from online_model.kinds import Kind

HOUR_MS = 3_600_000


def test_late_by_less_than_the_time_between_events_is_the_ordinary_run(log):
    """One millisecond takes the path of late events, and all of them have counted before the next one comes."""
    assert evaluate(log, late_ms=1) == evaluate(log)


def test_the_later_the_worse(log):
    recall = [evaluate(log, late_ms=hours * HOUR_MS)["tasks"]["click"]["mrr@20"] for hours in (0, 2, 24)]

    assert recall[0] > recall[1] + 0.05 and recall[1] > recall[2] + 0.05, recall
    assert recall[2] == 0, "the whole log is shorter than a day: nothing was known yet"


@pytest.mark.parametrize(("gap_ms", "known"), [(999, 0), (1_000, 1)])
def test_an_event_counts_when_its_delay_has_passed(gap_ms, known):
    evaluation = Evaluation(late_ms=1_000)
    for n in range(2):
        evaluation.take(("u", Action(kind=Kind.CLICK, item="a", ts=n * gap_ms, key=n)))

    assert evaluation.report()["tasks"]["click"]["recall@20"] == known / 2


def test_what_one_shopper_does_reaches_the_others_late_too():
    """The second shopper has no history: the item can only come from what is trending."""
    evaluation = Evaluation(late_ms=1_000)
    for user, ts in (("u", 0), ("v", 500), ("w", 1_000)):
        evaluation.take((user, Action(kind=Kind.CLICK, item="a", ts=ts, key=ts)))

    assert evaluation.report()["tasks"]["click"]["recall@20"] == pytest.approx(1 / 3, abs=1e-4)
