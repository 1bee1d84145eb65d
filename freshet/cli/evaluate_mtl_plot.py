"""`freshet evaluate-mtl --plot`: each task's AUC by architecture and balancing, the control as a line through all."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from online_model.multitask import BALANCERS, CONTROL
from online_model.multitask.comparison import Row

COLOURS = {name: f"C{n}" for n, name in enumerate(BALANCERS)}  # matplotlib's own cycle
WIDEST = 0.006  # of AUC on the axis: what is farther below the best stands at the edge, with its figure


def draw(found: Sequence[Row], tasks: Collection[str], path: Path) -> None:
    """Write the figure of a table's rows; the ending of the name says in which form."""
    from matplotlib.figure import Figure  # only this command's option takes it

    architectures = list(dict.fromkeys(row.architecture for row in found))
    figure = Figure(figsize=(4.6 * len(tasks), 1.6 + 0.62 * len(architectures)), layout="constrained")
    axes = figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
    for panel, task in zip(axes, tasks, strict=True):
        _panel(panel, found, architectures, task)
    axes[0].set_yticks(range(len(architectures)), architectures)
    axes[0].invert_yaxis()
    handles = {row.balancing: _dot(axes[0], row.balancing, [], []) for row in found}
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=len(handles), frameon=False)
    figure.savefig(path, dpi=110)


def _panel(panel: Any, found: Sequence[Row], architectures: list[str], task: str) -> None:
    best = max(row.mean[task] for row in found)
    edge = best - WIDEST
    for row in found:
        beside = [other.balancing for other in found if other.architecture == row.architecture]
        y = architectures.index(row.architecture) + 0.11 * (
            beside.index(row.balancing) - (len(beside) - 1) / 2
        )
        if row.mean[task] < edge:
            panel.plot(edge, y, marker="<", color=COLOURS[row.balancing], markersize=4)
            panel.text(edge + WIDEST / 50, y, f"{row.mean[task]:.3f}", va="center", fontsize=6)
        else:
            _dot(panel, row.balancing, [row.mean[task]], [y], [row.spread[task]])
    control = next(row for row in found if row.architecture == CONTROL)
    panel.axvline(control.mean[task], color="#b0b0b0", linewidth=0.8, linestyle="--", zorder=0)
    if any(row.mean[task] < edge for row in found):
        panel.set_xlim(edge - WIDEST / 40, None)
    panel.set_title(task)
    panel.set_xlabel("AUC on rows held out, mean ± standard deviation over seeds", fontsize=8)


def _dot(
    panel: Any, balancing: str, x: list[float], y: list[float], spread: list[float] | None = None
) -> Any:
    return panel.errorbar(
        x, y, xerr=spread, fmt="o", markersize=4, linewidth=1, color=COLOURS[balancing], label=balancing
    )
