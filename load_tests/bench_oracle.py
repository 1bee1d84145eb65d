"""Share of the oracle's lift, (AUC − .5) / (oracle's AUC − .5), on the simulated shop's pages, whose truth is known.

Every page of the second half is predicted before anything that happens on it is learned. Beside it: LightGBM trained
offline on the first half with the same features and every label that came, and our own heads with learning frozen at
half. Calibration is predicted over observed. `make load_tests/bench_oracle.py [ARGS="--events N --seed N"]`
"""

import argparse
import copy

import lightgbm
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from freshet.actions import to_action, to_description
from freshet.contract.events import Impression
from freshet.simulator import ShopSettings, simulate
from online_model.actions import Action
from online_model.example import SHOWN, Example, unpack_example
from online_model.profile import Profile
from online_model.recommender import Recommender
from online_model.tasks import DEFAULT_TASKS

Rows = NDArray[np.float32]
LABELS = {"clicks": 0, "carts": 1, "purchases": 2}


class Line:
    """One recommender with its shoppers, and what it predicted for each page."""

    def __init__(self) -> None:
        self.core = Recommender()
        self.profiles: dict[str, Profile] = {}
        self.pages: dict[str, Example] = {}
        self.learning = True

    def take(self, user: str, action: Action, offset: int, page: str) -> None:
        profile = self.profiles.setdefault(user, self.core.profile())
        seen = self.core.observe(profile, action, (0, 0, offset))
        for example in seen.examples:
            if example.kind == SHOWN:
                self.pages[page] = example
            if self.learning:
                self.core.learn(example)
        if self.learning and seen.step:
            self.core.absorb(seen.step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=150_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()

    truths: dict[str, Rows] = {}
    took: set[tuple[str, str, int]] = set()
    shown: list[Impression] = []
    live, frozen = Line(), None
    records = simulate(ShopSettings(seed=args.seed), args.events, truths.__setitem__)
    offset = 0
    for topic, event, _ in track(
        records, "predicting and learning", args.events, console=Console(stderr=True)
    ):
        if topic == "items":
            for line in (live, frozen) if frozen else (live,):
                line.core.describe(to_description(event))
            continue
        if offset == args.events // 2:
            half, frozen = len(shown), copy.deepcopy(live)
            frozen.learning = False
        if topic == "impressions":
            shown.append(event)
        elif topic in LABELS:
            took.add((event.request_id, event.item_id, LABELS[topic]))
        for line in (live, frozen) if frozen else (live,):
            line.take(event.user_id, to_action(topic, event), offset, event.event_id)
        offset += 1

    tested = shown[half:]
    labels = np.concatenate([_labels(page, took) for page in tested])
    truth = np.concatenate([truths[page.event_id].T for page in tested])
    learned = [live.pages[page.event_id] for page in shown[:half]]
    z = np.concatenate([unpack_example(example)[0].T for example in learned])
    z_tested = np.concatenate([unpack_example(live.pages[page.event_id])[0].T for page in tested])
    known = np.concatenate([_labels(page, took) for page in shown[:half]])
    table = Table("task", "positives", "predicted by", "AUC", "share of lift", "calibration", box=None)
    for t, task in enumerate(DEFAULT_TASKS):
        best = auc(truth[:, t], labels[:, t])
        rivals = {
            "oracle": truth[:, t],
            "freshet": _predicted(live, tested, t),
            "freshet, frozen at half": _predicted(frozen, tested, t),
            "LightGBM, first half": _boosted(z, known[:, t], z_tested),
        }
        for name, p in rivals.items():
            area = auc(p, labels[:, t])
            table.add_row(
                *((task.name, f"{labels[:, t].sum():,}") if name == "oracle" else ("", "")),
                name,
                f"{area:.4f}",
                f"{(area - 0.5) / (best - 0.5):.4f}",
                f"{p.sum() / labels[:, t].sum():.3f}",
            )
    Console(width=110).print(table)
    print(f"{len(labels):,} shown items of {len(tested):,} pages measured, {len(z):,} before them")


def auc(p: NDArray[np.floating], y: NDArray[np.int8]) -> float:
    """Area under the ROC curve; ties count half."""
    _, place, count = np.unique(p, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    hits = int(y.sum())
    return float((middle[place][y == 1].sum() - hits * (hits + 1) / 2) / (hits * (len(y) - hits)))


def _labels(page: Impression, took: set[tuple[str, str, int]]) -> NDArray[np.int8]:
    """int8[n, 3] by the shop's own request ids, whenever the event came."""
    return np.array([[(page.request_id, item, t) in took for t in range(3)] for item in page.items], np.int8)


def _predicted(line: Line, pages: list[Impression], task: int) -> Rows:
    return np.concatenate(
        [
            np.frombuffer(line.pages[page.event_id].p, "<f2").reshape(-1, len(DEFAULT_TASKS))[:, task]
            for page in pages
        ]
    ).astype(np.float32)


def _boosted(z: Rows, y: NDArray[np.int8], tested: Rows) -> NDArray[np.float64]:
    """A usual recipe for clicks: 300 trees of 31 leaves, rate .03, stopped early on the newest fifth."""
    cut = len(z) * 4 // 5
    recipe = {"objective": "binary", "learning_rate": 0.03, "num_leaves": 31, "min_data_in_leaf": 100}
    older = lightgbm.Dataset(z[:cut], y[:cut])
    newest = lightgbm.Dataset(z[cut:], y[cut:], reference=older)
    stop = lightgbm.early_stopping(30, verbose=False)
    model = lightgbm.train(
        recipe | {"verbosity": -1, "num_threads": 1}, older, 300, valid_sets=[newest], callbacks=[stop]
    )
    return np.asarray(model.predict(tested))


if __name__ == "__main__":
    main()
