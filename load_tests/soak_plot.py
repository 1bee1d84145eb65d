"""What a soak has seen, as a picture: each series, and the line fitted to it."""

from pathlib import Path
from typing import Any

import numpy as np

LINE, SEEN = "#d1495b", "#26547c"


def draw(seen: dict[str, Any], rises: dict[str, float], path: Path) -> None:
    """One small panel a series, in megabytes over the shop's days."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5.6), layout="constrained")
    figure.suptitle(f"{seen['told'].split(', ')[0]} in {seen['s'][-1] / 60:.0f} minutes: memory, in MB")
    days = np.array(seen["days"])
    for axes, (name, values) in zip(figure.subplots(2, 3).flat, seen["series"].items(), strict=True):
        first = len(values) // 3
        axes.plot(days, values, color=SEEN, linewidth=1.4)
        axes.plot(
            days[first:], np.poly1d(np.polyfit(days[first:], values[first:], 1))(days[first:]), color=LINE
        )
        axes.set(title=f"{name}: line {rises[name]:+.1%}", ylim=(0, 1.25 * max(values)))
        axes.set_xlabel("days of the shop")
    figure.savefig(path, dpi=110)
