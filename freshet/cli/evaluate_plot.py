"""`freshet evaluate --plot`: how each task's recall grows over the log, where it ends, and whether its odds hold."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

OURS = "#d1495b"
OTHERS = ("#c9ced1", "#8d99ae", "#d9a05b", "#5b9a8b", "#26547c")  # the baselines, in their order


def needs_matplotlib() -> str:
    """What to do when it is not installed; nothing to say when it is."""
    return "" if find_spec("matplotlib") else "--plot needs matplotlib: pip install 'freshet[plot]'"


def draw(report: dict[str, Any], k: int, path: Path) -> None:
    """Write the figure of a report (design section 9); the ending of the name says in which form."""
    from matplotlib.figure import Figure  # only this command's option takes it

    tasks = [task for task, figures in report["tasks"].items() if figures["n"]]
    figure = Figure(figsize=(4.2 * max(len(tasks), 2), 7.5), layout="constrained")
    halves: Any = figure.subfigures(2, 1)
    above, below = halves
    figure.suptitle(f"{report['format']}: {report['events']:,} events, each ranked before it was learned")
    for axes, task in zip(above.subplots(1, max(len(tasks), 1), squeeze=False)[0], tasks, strict=False):
        _learning_curve(axes, report, task, f"recall@{k}")
    bars, calibration = below.subplots(1, 2, width_ratios=(2, 1))
    _bars(bars, report, tasks, f"recall@{k}")
    _calibration(calibration, report)
    figure.savefig(path, dpi=110)


def _learning_curve(axes: Any, report: dict[str, Any], task: str, measure: str) -> None:
    """Recall in each window of the log, the baselines' beside it."""
    windows = [window for window in report["windows"] if task in window["tasks"]]
    first = [window["first"] / 1000 for window in windows]
    for name, colour in zip(report["baselines"], OTHERS, strict=True):
        values = [window["baselines"][name].get(task, {}).get(measure) for window in windows]
        axes.plot(first, values, color=colour, label=name.replace("_", " "), linewidth=1)
    axes.plot(
        first,
        [w["tasks"][task][measure] for w in windows],
        color=OURS,
        label="freshet",
        linewidth=2.2,
        marker=".",
    )
    axes.set(title=task, xlabel="thousand events", ylim=(0, None))
    if not axes.get_subplotspec().colspan.start:
        axes.set_ylabel(f"{measure} of the window")
        axes.legend(fontsize=7)


def _bars(axes: Any, report: dict[str, Any], tasks: list[str], measure: str) -> None:
    """Over all that was measured; one group for each task."""
    rows = {**report["baselines"], "freshet": report["tasks"]}
    width = 0.85 / len(rows)
    for n, (name, colour) in enumerate(zip(rows, (*OTHERS, OURS), strict=True)):
        values = [rows[name].get(task, {}).get(measure, 0.0) for task in tasks]
        places = [place + (n - len(rows) / 2 + 0.5) * width for place in range(len(tasks))]
        drawn = axes.bar(places, values, width, color=colour, label=name.replace("_", " "))
        if name in ("freshet", "hand_blend"):
            axes.bar_label(drawn, fmt="{:.3f}", fontsize=7, padding=1)
    axes.set_xticks(range(len(tasks)), tasks)
    axes.set(title="past the warm-up", ylabel=measure)
    axes.legend(fontsize=7)


def _calibration(axes: Any, report: dict[str, Any]) -> None:
    """Predicted against observed rates; on the line, a probability means what it says."""
    axes.axline((0, 0), slope=1, color="#b8c4cc", linewidth=1)
    for (task, points), colour in zip(report["reliability"].items(), (OURS, *reversed(OTHERS)), strict=False):
        if points := [point for point in points if min(point) > 0]:
            axes.plot(
                *zip(*points, strict=True), marker="o", markersize=3, linewidth=1, color=colour, label=task
            )
    if axes.lines[1:]:
        axes.set(xscale="log", yscale="log")
        axes.legend(fontsize=7)
    axes.set(title="probabilities", xlabel="predicted", ylabel="observed")
