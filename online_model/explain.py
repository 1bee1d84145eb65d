"""Why an item scores as it does for a shopper: what each group of features adds to each task's logit, exactly.

A ReLU unit, squared or not, is a coefficient that is known where this item stands times a sum over the features, so a
score is a sum of coefficient · feature, and a bias. A probability of a place in a list (calibration.py) has
logit c₀ + c₁ · (s − log Σ exp sᵢ) + c₂ · own: the features' parts are scaled by c₁, and "the other candidates" take
−c₁ · log Σ. Below the least share that counts, the logit is flat: then no feature adds anything.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from online_model import context
from online_model.calibration import LEAST_LOG_SHARE, log_total
from online_model.encoder_columns import names
from online_model.features import OWN
from online_model.heads import Heads
from online_model.tasks import Task

START, OTHERS, OWN_DEALINGS = (
    "where everything starts",
    "the other candidates",
    "their dealings with this item",
)
SHOPPER_NOW = "what they are doing now"
_BY_BEGINNING = {  # the first that fits names the group of a feature
    "own": OWN_DEALINGS,
    "covisit": "looked at together with what they know",
    "last_cart": SHOPPER_NOW,
    "last_purchase": SHOPPER_NOW,
    "last_": "looked at together with what they know",
    "second_": "looked at together with what they know",
    "category_": "their interest in its category",
    "item_price": "its price",
    "item_": "how popular it is",
    "encoder_": "taste learned from all shoppers",
    "gap": SHOPPER_NOW,
    "session": SHOPPER_NOW,
    "carts": SHOPPER_NOW,
    "purchases": SHOPPER_NOW,
}
_OF_CONTEXT = {
    context.ONE: START,
    context.POSITION: "place on the page",
    context.DAY_SIN: "time of day",
    context.DAY_COS: "time of day",
    context.ITEM_RATE: "how often it is taken when shown",
    context.ITEM_SHOWN: "how often it is taken when shown",
    context.ITEM_CARTS: "how often it is taken when shown",
    context.SHOPPER_RATE: "how often they take what is shown",
    context.SHOPPER_SHOWN: "how often they take what is shown",
    context.ITEM_STARS: "its ratings",
    context.SHOPPER_STARS: "how they rate",
    **dict.fromkeys(range(context.CONTEXT - context.PLACEMENTS, context.CONTEXT), "place on the page"),
}


class Seen(NamedTuple):
    """One item as the model saw it. z[width + CONTEXT]: its features and their context.

    scores[tasks, n]: the ranker's, of all listed items, of which the first `candidates` are the choice and `column` is
    this one.
    """

    z: NDArray[np.float32]
    scores: NDArray[np.float32]
    column: int
    candidates: int


class Cause(NamedTuple):
    """The newest event on the item of the history that proposed this one. kind: as Kind; ts: milliseconds."""

    item: str
    kind: int
    ts: int


class TaskParts(NamedTuple):
    """p: the prediction; of a regression, its place in the range. score: its logit; of a regression, the value before
    it is cut to the range. parts: group → what it adds; they sum to the score.
    """

    p: float
    score: float
    parts: dict[str, float]


class Explanation(NamedTuple):
    """tasks: in the order of the model's. source: who proposed the item (candidates.SOURCES), "asked" for nobody."""

    item: str
    source: str
    cause: Cause | None
    tasks: list[TaskParts]


def groups(tasks: Sequence[str]) -> list[str]:
    """The group of each column of z, in a shop keeper's words. KeyError names a feature that has none."""
    of_features = [_group(name) for name in names(list(tasks))]
    return of_features + [_OF_CONTEXT[column] for column in range(context.CONTEXT)]


def _group(feature: str) -> str:
    for beginning, group in _BY_BEGINNING.items():
        if feature.startswith(beginning):
            return group
    raise KeyError(f"feature {feature!r} belongs to no group of online_model.explain")


def parts_of(heads: Heads, tasks: Sequence[Task], t: int, seen: Seen, by_shown: bool) -> dict[str, float]:
    """Group → what it adds to task t's score. by_shown: predictions come from what happens to shown items."""
    of = groups([task.name for task in tasks])
    if t in heads.values or (by_shown and t in heads.own):
        return _sums(of, heads.own[t].explain(seen.z[None])[0].astype(np.float64))
    if by_shown:
        return _sums(of, heads.shown.explain(seen.z, t))
    return _of_choice(heads, of, t, seen)


def _of_choice(heads: Heads, of: list[str], t: int, seen: Seen) -> dict[str, float]:
    width = len(of) - context.CONTEXT
    start, slope, own = heads.calibration[t].astype(np.float64).tolist()
    ones = np.ones(seen.candidates, np.float32)
    total: float = log_total(seen.scores[t], ones, seen.candidates)
    score = float(seen.scores[t, seen.column])
    if not seen.candidates:
        sums = {START: start}
    elif score - total < LEAST_LOG_SHARE:
        sums = {START: start + slope * LEAST_LOG_SHARE}
    else:
        parts = heads.ranker.explain(seen.z[:width], t)
        sums = _sums(of[:width], slope * parts)
        sums[START] += start
        sums[OTHERS] = -slope * total
    sums[OWN_DEALINGS] = sums.get(OWN_DEALINGS, 0.0) + own * float(seen.z[OWN])
    return sums


def _sums(of: Sequence[str], parts: NDArray[np.float64]) -> dict[str, float]:
    """Parts by group, of which the last is the bias; groups that add nothing are there too."""
    sums = dict.fromkeys([*of, START], 0.0)
    for group, part in zip([*of, START], parts.tolist(), strict=True):
        sums[group] += part
    return sums
