"""How much of the way from naive to oracle does each way of waiting for labels recover? Wanted: half of it or more.

A stream with known delays: rows are shown at a steady rate, some are bought, after a delay that differs from row to
row (exponential, its mean from 2 to 20 hours with one of the features), and what is liked drifts, slowly or fast.
The same heads learn it five ways: oracle, every label at once; naive, a miss at once and a hit when it comes, both
counted whole; and the three of heads/late.py. Each row is predicted when it is shown, before anything about it is
learned; log loss is over the second half, against what truly came of the row.

`make load_tests/bench_late_labels.py [ARGS="--days N --seeds N"]`
"""

import argparse
import heapq
import math
import statistics
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from online_model import Kind, ModelSettings, Task
from online_model.example import FINAL_MISS, HIT, LATE_HIT, MISS
from online_model.heads.late import LateLabels
from online_model.heads.shown import ShownHeads

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
WIDTH, AN_HOUR = 8, 60  # features; rows shown an hour
WINDOW_MS, ELAPSED_MS = 5 * DAY_MS, HOUR_MS
WANTED = 0.5
ERR = Console(stderr=True)
DRIFTS = {
    "slow": 0.02,
    "fast": 0.06,
}  # of the logit of each feature, the standard deviation of an hour's change
WAYS = ("oracle", "naive", "wait", "fnw", "es-dfm")


class World(NamedTuple):
    """z: float32[n, WIDTH]. p: how likely each is bought. bought: bool[n]. delay_ms, ts: int[n]."""

    z: NDArray[np.float32]
    p: NDArray[np.float64]
    bought: NDArray[np.bool_]
    delay_ms: NDArray[np.int64]
    ts: NDArray[np.int64]


def world(days: int, drift: float, seed: int) -> World:
    rng = np.random.default_rng(seed)
    n = days * 24 * AN_HOUR
    z = rng.normal(size=(n, WIDTH)).astype(np.float32)
    z[:, 0] = 1
    liking = np.cumsum(rng.normal(scale=drift, size=(days * 24, WIDTH)), axis=0)  # drifts hour by hour
    liking += rng.normal(scale=0.6, size=WIDTH)
    liking[:, 0] = -2.2 + 0.3 * np.sin(np.arange(days * 24) / 24)
    logit = np.einsum("nf,nf->n", z, np.repeat(liking, AN_HOUR, axis=0))
    p = 1 / (1 + np.exp(-logit))
    mean_hours = np.clip(6 * np.exp(0.6 * z[:, 1]), 2, 20)
    delay_ms = (rng.exponential(mean_hours) * HOUR_MS).astype(np.int64)
    return World(z, p, rng.random(n) < p, delay_ms, np.arange(n) * HOUR_MS // AN_HOUR)


def words(way: str, bought: bool, delay_ms: int) -> list[tuple[int, int]]:
    """What is told of a row, and how long after it was shown."""
    came = bought and delay_ms <= WINDOW_MS
    if way == "oracle":
        return [(0, HIT if came else MISS)]
    if way == "wait":
        return [(WINDOW_MS, HIT if came else MISS)]
    if way == "es-dfm":
        if came and delay_ms <= ELAPSED_MS:
            return [(ELAPSED_MS, HIT)]
        return [(ELAPSED_MS, MISS), (delay_ms, LATE_HIT) if came else (WINDOW_MS, FINAL_MISS)]
    return [(0, MISS), (delay_ms, HIT if way == "naive" else LATE_HIT)] if came else [(0, MISS)]


def log_loss(way: str, seen: World) -> tuple[float, float]:
    """Log loss a row, and predicted over true hits, of the second half."""
    delay = way if way in ("fnw", "es-dfm") else "wait"
    task = Task(name="buy", label=Kind.PURCHASE, delay=delay, window_ms=WINDOW_MS, elapsed_ms=ELAPSED_MS)
    heads, late = ShownHeads(WIDTH, 1, ModelSettings()), LateLabels(WIDTH, [task])
    waiting: list[tuple[int, int, int]] = []  # when, row, label
    loss = predicted = 0.0
    first = len(seen.ts) // 2
    for row in range(len(seen.ts)):
        while waiting and waiting[0][0] <= seen.ts[row]:
            _, about, word = heapq.heappop(waiting)
            z, label = seen.z[about : about + 1], np.array([[word]], np.int8)
            heads.learn(z.T.copy(), *late.weigh(z, label, heads.probabilities(z.T.copy())))
            late.learn(z, label)
        p = float(heads.probabilities(seen.z[row : row + 1].T.copy())[0, 0])
        if row >= first:
            loss -= math.log(max(p if seen.bought[row] else 1 - p, 1e-6))
            predicted += p
        for after, word in words(way, bool(seen.bought[row]), int(seen.delay_ms[row])):
            heapq.heappush(waiting, (int(seen.ts[row]) + after, row, word))
    return loss / (len(seen.ts) - first), predicted / float(seen.bought[first:].sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    table = Table("drift", "labels", "log loss", "recovered, median", "of each seed", "calibration", box=None)
    for name, drift in DRIFTS.items():
        worlds = [world(args.days, drift, seed) for seed in range(args.seeds)]
        found = {
            way: [log_loss(way, one) for one in track(worlds, f"{name}, {way}", console=ERR)] for way in WAYS
        }
        loss = {way: [figures[0] for figures in found[way]] for way in WAYS}
        for way in WAYS:
            shares = [
                (naive - mine) / (naive - oracle)
                for naive, mine, oracle in zip(loss["naive"], loss[way], loss["oracle"], strict=True)
            ]
            table.add_row(
                name if way == WAYS[0] else "",
                way,
                f"{statistics.mean(loss[way]):.5f}",
                f"{statistics.median(shares):.0%}",
                " ".join(f"{share:.0%}" for share in shares),
                f"{statistics.mean(calibration for _, calibration in found[way]):.3f}",
            )
    Console(width=100).print(table)
    print(f"{args.days * 24 * AN_HOUR:,} rows a seed; wanted {WANTED:.0%}")


if __name__ == "__main__":
    main()
