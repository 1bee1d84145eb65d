"""Does a head take at most 2 µs an example in batches of 256 × 64 features, and River at least 10 times a head's?

An example is predicted, then learned. Beside the heads, in the same run and in turn, River's logistic regression on
the same rows, one by one as it takes them; its dictionaries are made before the clock starts.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from river.linear_model import LogisticRegression

from online_model.heads.table import HEADS, Head

ROWS, BATCH, WIDTH, RUNS = 20 * 256, 256, 64, 9
RIVER_ROWS = 1_000  # of them, for River: it would take most of the time
WANTED_US, WANTED_RATIO = 2.0, 10.0

Rows = NDArray[np.float32]


class Cost(NamedTuple):
    """µs of a core an example."""

    predict: float
    learn: float

    @property
    def both(self) -> float:
        return self.predict + self.learn


def clock(work: Callable[[], None], rows: int) -> float:
    began = time.thread_time()  # of the processor: what other programs take of the time does not count
    work()
    return (time.thread_time() - began) / rows * 1e6


def head_cost(head: Head, x: Rows, y: Rows) -> Cost:
    batches = [slice(at, at + BATCH) for at in range(0, ROWS, BATCH)]

    def predict() -> None:
        for rows in batches:
            head.predict(x[rows])

    def learn() -> None:
        for rows in batches:
            head.learn(x[rows], y[rows])

    return Cost(clock(predict, ROWS), clock(learn, ROWS))


def river_cost(model: LogisticRegression, rows: list[dict[int, float]], labels: list[bool]) -> Cost:
    def predict() -> None:
        for row in rows:
            model.predict_proba_one(row)

    def learn() -> None:
        for row, label in zip(rows, labels, strict=True):
            model.learn_one(row, label)

    return Cost(clock(predict, len(rows)), clock(learn, len(rows)))


def heads() -> dict[str, Head]:
    """Each as it comes; the Bayesian one once more as it forgets."""
    made = {name: make(WIDTH) for name, make in HEADS.items()}
    return {**made, "bayesian (forgets)": partial(HEADS["bayesian"], forget=1e-4)(WIDTH)}


def main() -> None:
    rng = np.random.default_rng(7)
    x = rng.standard_normal((ROWS, WIDTH)).astype(np.float32)
    hit = rng.random(ROWS) < 1 / (1 + np.exp(-x @ rng.standard_normal(WIDTH) / 8))
    labels = {
        "binary": hit.astype(np.float32),
        "regression": 1 + 4 * hit.astype(np.float32),
        "count": rng.poisson(1 + hit).astype(np.float32),
    }
    dicts = [dict(enumerate(row)) for row in x[:RIVER_ROWS].tolist()]
    measured: dict[str, Callable[[], Cost]] = {
        name: partial(head_cost, head, x, labels[head.kind]) for name, head in heads().items()
    }
    measured["River"] = partial(river_cost, LogisticRegression(), dicts, hit[:RIVER_ROWS].tolist())
    print(
        f"batches of {BATCH} × {WIDTH} features; µs of a core an example, median of {RUNS} runs in turn (least–most)"
    )
    for cost in measured.values():  # compile, warm caches
        cost()
    runs: dict[str, list[Cost]] = {name: [] for name in measured}
    for _ in range(RUNS):
        for name, cost in measured.items():
            runs[name].append(cost())
    river = statistics.median(cost.both for cost in runs["River"])
    middle = {name: statistics.median(cost.both for cost in costs) for name, costs in runs.items()}
    for name, costs in runs.items():
        predict, learn = (statistics.median(column) for column in zip(*costs, strict=True))
        spread = f"{min(cost.both for cost in costs):.2f}–{max(cost.both for cost in costs):.2f}"
        print(
            f"{name:22} predict {predict:5.2f}   learn {learn:5.2f}   both {middle[name]:5.2f} ({spread})"
            f"   River takes {river / middle[name]:.0f}×"
        )
    mine = [name for name in middle if name != "River"]
    slowest = max(mine, key=middle.__getitem__)
    print(
        f"wanted: every head ≤ {WANTED_US:.0f} µs: {'reached' if middle[slowest] <= WANTED_US else 'missed'} "
        f"({slowest}: {middle[slowest]:.2f})"
    )
    ratio, near = river / middle["logistic"], [n for n in mine if river / middle[n] < WANTED_RATIO]
    print(
        f"wanted: River's logistic regression ≥ {WANTED_RATIO:.0f}× the logistic head: "
        f"{'reached' if ratio >= WANTED_RATIO else 'missed'} ({ratio:.0f}×); below that: {', '.join(near) or 'none'}"
    )


if __name__ == "__main__":
    main()
