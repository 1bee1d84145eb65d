"""What was added up, as the figures that are printed, plotted and kept."""

from collections.abc import Sequence
from typing import Any

from online_model.evaluation.places import Places
from online_model.evaluation.reliability import Reliability
from online_model.evaluation.tally import Tally, by_task
from online_model.kinds import Kind
from online_model.tasks import Task

WEIGHTS = {Kind.CLICK: 0.1, Kind.CART: 0.3, Kind.PURCHASE: 0.6}  # of weighted_recall: OTTO's, RecSys 2023


def figures(
    tally: Tally,
    segments: dict[str, list[Places]],
    windows: Sequence[Tally],
    reliability: Reliability,
    tasks: Sequence[Task],
) -> dict[str, Any]:
    """tasks, weighted_recall (.1 click, .3 cart, .6 purchase, over the tasks that were seen), mean over the tasks,
    baselines, segments, windows (of the whole log, the warm-up included), reliability ((predicted, observed) pairs).
    """
    ours = {task.name: tally.ours[t].figures() | reliability.figures(t) for t, task in enumerate(tasks)}
    return {
        "tasks": ours,
        "weighted_recall": _weighted_recall(tally.ours, tasks),
        "mean": _mean([of_task for of_task in ours.values() if of_task["n"]], tally.ours[0].k),
        "baselines": tally.of_baselines(tasks),
        "segments": {name: by_task(places, tasks) for name, places in segments.items()},
        "windows": [
            {"first": w.first, "tasks": by_task(w.ours, tasks), "baselines": w.of_baselines(tasks)}
            for w in windows
        ],
        "reliability": {task.name: reliability.curve(t) for t, task in enumerate(tasks)},
    }


def _weighted_recall(places: Sequence[Places], tasks: Sequence[Task]) -> float:
    seen = [
        (WEIGHTS[task.label], p)
        for task, p in zip(tasks, places, strict=True)
        if p.n and task.label in WEIGHTS
    ]
    weights = sum(weight for weight, _ in seen)
    return round(sum(weight * p.recall for weight, p in seen) / weights, 4) if weights else 0.0


def _mean(of_tasks: Sequence[dict[str, float]], k: int) -> dict[str, float]:
    """Over the tasks. One target a list: precision = recall / k."""
    if not of_tasks:
        return {}
    recall = sum(f[f"recall@{k}"] for f in of_tasks) / len(of_tasks)
    precision = recall / k
    mean = {
        f"recall@{k}": recall,
        f"precision@{k}": precision,
        f"f1@{k}": 2 * precision * recall / (precision + recall) if recall else 0.0,
        f"ndcg@{k}": sum(f[f"ndcg@{k}"] for f in of_tasks) / len(of_tasks),
    }
    aucs = [f["auc"] for f in of_tasks if "auc" in f]
    if aucs:
        mean["auc"] = sum(aucs) / len(aucs)
    return {name: round(value, 4) for name, value in mean.items()}
