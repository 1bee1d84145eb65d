"""Is the expected demand of an item nearer to what happens than its last window, or its moving average?

Wanted: a smaller mean Poisson deviance than every baseline, a smaller mean absolute error than the moving average, and
an interval of 80 % that holds for at least 80 %. Each window of the second half is forecast from what was before it,
for every item known by then; the baselines get the floor, of eight, that suits their deviance best.

    python load_tests/bench_demand.py --format taobao PATH [--window-h 24] [--json OUT]
    python load_tests/bench_demand.py --simulate 1000000
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from freshet.actions import to_action
from freshet.datasets import Record
from freshet.datasets.source import add_arguments, open_source
from online_model.actions import Step
from online_model.demand import ShopDemand
from online_model.demand.levels import HOUR_MS
from online_model.item_table import ItemTable
from online_model.kinds import Kind
from online_model.settings import ModelSettings

COUNTED = (Kind.CLICK, Kind.CART, Kind.PURCHASE)
AVERAGED = 7  # windows of the moving average, or as many as the item has lived
FLOORS = (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3)


class Sale(NamedTuple):
    item: str
    kind: Kind
    ts: int
    units: float


def sales(records: Iterable[Record]) -> list[Sale]:
    """What counts, in order."""
    found = []
    for record in records:
        if record.topic in ("clicks", "carts", "purchases"):
            action = to_action(record.topic, record.event)
            if action.kind in COUNTED:
                found.append(Sale(action.item, action.kind, action.ts, action.value))
    return found


class Replay:
    """The worker's own fold, and the counts that the baselines need."""

    def __init__(self, window_ms: int) -> None:
        self.window_ms, self.shop, self.table = window_ms, ShopDemand(), ItemTable(ModelSettings())
        self.sold: list[dict[tuple[int, Kind], float]] = []  # by window, newest last

    def take(self, sale: Sale) -> None:
        place = self.table.add(sale.item)
        known = bool(self.table.stats["first_ts"][place])
        self.shop.learn(self.table.levels(place), known, int(sale.kind), sale.units, sale.ts)
        self.table.absorb(Step(sale.ts, sale.kind, sale.item, units=sale.units))
        window = self.sold[-1]
        window[place, sale.kind] = window.get((place, sale.kind), 0.0) + sale.units

    def forecasts(self, kind: Kind, now_ms: int) -> dict[str, np.ndarray]:
        """Of every known item: by our model (expected, low, high), the last window, and the moving average."""
        n, born = len(self.table), self.table.stats["first_ts"]
        ours = [
            self.shop.forecast(self.table.levels(i), int(kind), int(born[i]), self.window_ms)
            for i in range(n)
        ]
        expected, low, high, _ = np.array(ours).T
        past = [[window.get((i, kind), 0.0) for i in range(n)] for window in self.sold[-AVERAGED:]]
        lived = np.clip((now_ms - born[:n]) / self.window_ms, 1, AVERAGED)
        averaged = np.sum(past, axis=0) / lived
        return {
            "freshet": expected,
            "low": low,
            "high": high,
            "last": np.array(past[-1]),
            "average": averaged,
        }


def measure(log: list[Sale], window_ms: int) -> dict[Kind, dict[str, np.ndarray]]:
    """Forecasts and outcomes of all windows of the second half, item after item."""
    start, end = log[0].ts, log[-1].ts
    middle = start + (end - start) // 2
    edges = range(middle - (middle - start) // window_ms * window_ms, end + 1, window_ms)
    replay, at = Replay(window_ms), 0
    parts: dict[Kind, list[dict[str, np.ndarray]]] = {kind: [] for kind in COUNTED}
    for edge in edges:
        replay.sold.append({})
        while at < len(log) and log[at].ts < edge:
            replay.take(log[at])
            at += 1
        if edge < middle or edge + window_ms > end:
            continue
        said = {kind: replay.forecasts(kind, edge) for kind in COUNTED}
        came = {kind: np.zeros(len(replay.table)) for kind in COUNTED}
        for sale in log[at:]:
            if sale.ts >= edge + window_ms:
                break
            place = replay.table.vocabulary.find(sale.item)
            if place >= 0:
                came[sale.kind][place] += sale.units
        for kind in COUNTED:
            parts[kind].append({**said[kind], "came": came[kind]})
    return {
        kind: {name: np.concatenate([p[name] for p in found]) for name in found[0]}
        for kind, found in parts.items()
    }


def deviance(came: np.ndarray, said: np.ndarray) -> float:
    """Mean of 2 (y log(y/m) − (y − m))."""
    said = np.maximum(said, 1e-12)
    return float(
        np.mean(2 * (np.where(came > 0, came * np.log(np.maximum(came, 1e-12) / said), 0) - (came - said)))
    )


def figures(rows: dict[str, np.ndarray]) -> dict[str, object]:
    came = rows["came"]
    inside = (rows["low"] <= came) & (came <= rows["high"])
    often = rows["freshet"] >= 1
    found: dict[str, object] = {"n": len(came), "mean": round(float(came.mean()), 4)}
    for name in ("freshet", "last", "average"):
        floors = (0.0,) if name == "freshet" else FLOORS
        dev, floor = min((deviance(came, np.maximum(rows[name], f)), f) for f in floors)
        found[name] = {
            "deviance": round(dev, 4),
            "mae": round(float(np.abs(came - rows[name]).mean()), 4),
            "floor": floor,
        }
    found["freshet"] |= {
        "calibration": round(float(rows["freshet"].sum() / max(came.sum(), 1)), 3),
        "coverage": round(float(inside.mean()), 3),
        "coverage, 1 or more expected": round(float(inside[often].mean()), 3) if often.any() else None,
        "their number": int(often.sum()),
    }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--window-h", type=float, default=24)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    log, began = sales(open_source(args, lambda said: print(said, file=sys.stderr)).records), time.monotonic()
    report = {
        kind.name.lower(): figures(rows) for kind, rows in measure(log, int(args.window_h * HOUR_MS)).items()
    }
    print(json.dumps({"events": len(log), "seconds": round(time.monotonic() - began, 1), **report}, indent=1))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
