"""What `freshet evaluate` prints: each task's figures, the baselines under them, and the segments; 80 columns wide."""

from typing import Any

from rich.console import Console
from rich.table import Column, Table


def print_report(report: dict[str, Any], k: int) -> None:
    """To standard output."""
    console = Console()
    console.print(tasks_table(report, k))
    console.print(segments_table(report, k))
    console.print(predictions_table(report))
    lists = report["lists"]
    print(
        f"{lists['lists']:,} published lists: {lists['new_items']:.1%} of the places to new items, "
        f"{lists['small_items']:.1%} to small ones"
    )
    late = f", every event {report['late_s']:g} s late" if "late_s" in report else ""
    seeds = f" with {report['seeds']} seeds" if "seeds" in report else ""
    spread = f" ± {report['spread']['weighted_recall']:.4f}" if "spread" in report else ""
    print(
        f"{report['events']:,} events of {report['users']:,} users on {report['items']:,} items "
        f"in {report['seconds']:.1f} s{seeds}{late}; weighted recall {report['weighted_recall']:.4f}{spread}"
    )


def tasks_table(report: dict[str, Any], k: int) -> Table:
    """Ours in bold, with the spread over the seeds if there were several."""
    measures = (f"recall@{k}", f"mrr@{k}", f"ndcg@{k}")
    shown = _table("task", "ranked by", "n", *measures)
    for task, figures in report["tasks"].items():
        spread = report.get("spread", {}).get("tasks", {}).get(task, {})
        others = {name: by_task.get(task, {}) for name, by_task in report["baselines"].items()}
        rows = {"freshet": figures, "± of seeds": spread, **others}
        for name, row in rows.items():
            if "n" in row and figures["n"]:
                ours = name == "freshet"
                n = f"{row['n']:,}" if row["n"] else ""
                cells = [_figure(row.get(measure)) for measure in measures]
                shown.add_row(task if ours else "", name, n, *cells, style="bold" if ours else "")
        shown.add_row()
    return shown


def segments_table(report: dict[str, Any], k: int) -> Table:
    """One row for each segment of each task that has any."""
    measures = (f"recall@{k}", f"mrr@{k}", f"ndcg@{k}")
    shown = _table("task", "segment", "n", *measures)
    for task in report["tasks"]:
        first = True
        for name, by_task in report["segments"].items():
            if row := by_task.get(task):
                cells = [_figure(row[measure]) for measure in measures]
                shown.add_row(task if first else "", name.replace("_", " "), f"{row['n']:,}", *cells)
                first = False
        shown.add_row()
    return shown


def predictions_table(report: dict[str, Any]) -> Table:
    """How good the probabilities are, for tasks that saw a hit and a miss; and of a regression the errors."""
    measures = ("auc", "logloss", "normalized_entropy", "calibration", "mae", "rmse")
    shown = _table("task", "AUC", "log loss", "normalized entropy", "calibration", "MAE", "RMSE")
    for task, figures in report["tasks"].items():
        if "calibration" in figures:
            shown.add_row(task, *(_figure(figures.get(measure)) for measure in measures))
    shown.add_row()
    return shown


def _table(*names: str) -> Table:
    return Table(*(Column(name, no_wrap=True) for name in names), box=None, padding=(0, 1, 0, 0))


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
