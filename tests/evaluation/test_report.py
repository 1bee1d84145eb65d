"""The figures of a report against sums done by hand."""

import math

import numpy as np
import pytest

from online_model.baselines import BASELINES
from online_model.evaluation import Evaluation, averaged, evaluate
from online_model.evaluation.places import Places
from online_model.evaluation.reliability import Reliability
from online_model.evaluation.segments import SEGMENTS
from online_model.tasks import DEFAULT_TASKS


@pytest.fixture(scope="module")
def report(log):
    return evaluate(log)


def test_places_are_averaged_as_the_formulas_say():
    places = Places(k=3)
    for place in (0, 2, 3, -1):
        places.add(place)

    assert places.figures() == {
        "n": 4,
        "recall@3": 0.5,
        "mrr@3": round((1 + 1 / 3) / 4, 4),
        "ndcg@3": round((1 + 1 / 2) / 4, 4),
        "precision@3": round(0.5 / 3, 6),
    }


def test_the_windows_cover_the_whole_log_and_add_up_to_it(report, log):
    every = evaluate(log, warmup=0.0)
    windows = report["windows"]

    assert [window["first"] for window in windows] == list(range(0, 480, 24))
    for task in ("click", "cart", "purchase"):
        assert sum(w["tasks"].get(task, {"n": 0})["n"] for w in windows) == every["tasks"][task]["n"]
    assert all(set(window["baselines"]) == set(BASELINES) for window in windows)


def test_segments_split_what_was_counted(report):
    for task, figures in report["tasks"].items():
        n = {name: report["segments"][name].get(task, {"n": 0})["n"] for name in SEGMENTS}
        pairs = (("new_users", "known_users"), ("new_items", "known_items"), ("repeats", "discoveries"))
        assert [n[one] + n[other] for one, other in pairs] == [figures["n"]] * 3


def test_the_weighted_recall_and_the_means_are_those_of_the_tasks(report):
    recall = {task: figures["recall@20"] for task, figures in report["tasks"].items()}
    weighted = 0.1 * recall["click"] + 0.3 * recall["cart"] + 0.6 * recall["purchase"]

    assert report["weighted_recall"] == pytest.approx(weighted, abs=1e-4)
    assert report["mean"]["recall@20"] == pytest.approx(sum(recall.values()) / 3, abs=1e-4)
    assert report["mean"]["precision@20"] == pytest.approx(report["mean"]["recall@20"] / 20, abs=1e-4)


def test_normalized_entropy_is_the_log_loss_over_that_of_the_base_rate():
    """Four rows of one task: p = ½ each, one hit. Log loss log 2, base rate ¼."""
    reliability = Reliability(DEFAULT_TASKS[:1])
    reliability._page_bins[0, :, 100] = 1, 3
    reliability._page_sums[0] = 4, 2, 1, 4 * math.log(2)

    figures = reliability.figures(0)

    entropy = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    assert figures["normalized_entropy"] == round(math.log(2) / entropy, 4)
    assert (figures["auc"], figures["calibration"]) == (0.5, 2.0)


def test_the_curve_meets_the_line_where_odds_are_true():
    """Hits and misses of each logit in the proportion of its probability."""
    reliability = Reliability(DEFAULT_TASKS[:1])
    p = 1 / (1 + np.exp(-((np.arange(200) + 0.5) / 5 - 20)))
    reliability._page_bins[0] = 1000 * p, 1000 * (1 - p)

    curve = reliability.curve(0)

    assert len(curve) == 10
    assert all(observed == pytest.approx(predicted, rel=0.01) for predicted, observed in curve), curve


def test_a_log_without_events_has_no_figures():
    assert Evaluation().report()["mean"] == {}
    assert Evaluation().report()["reliability"] == {"click": [], "cart": [], "purchase": []}


def test_several_reports_become_means_and_spreads(report):
    other = {**report, "weighted_recall": report["weighted_recall"] + 0.02}

    merged = averaged([report, other, other])

    assert merged["weighted_recall"] == pytest.approx(report["weighted_recall"] + 0.04 / 3, abs=1e-6)
    assert merged["spread"]["weighted_recall"] == pytest.approx(0.02 / math.sqrt(3), abs=1e-6)
    assert merged["tasks"] == report["tasks"] and merged["windows"] == report["windows"]
    assert set(merged["spread"]) == {"tasks", "weighted_recall", "mean"}
