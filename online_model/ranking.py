"""A ranked list as it leaves the model."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from online_model.actions import Step
from online_model.example import Example


class Ranking(msgspec.Struct, frozen=True):
    """Best first. p: float32[n, tasks], calibrated. blend: float32[n], Σ weight · p. source: who proposed each
    (candidates.SOURCES). cause: the item of the history behind it, or "". version: encoder/heads.
    places: int32[n], of each in the item table.
    """

    items: list[str]
    p: NDArray[np.float32]
    blend: NDArray[np.float32]
    source: list[str]
    cause: list[str]
    version: str
    places: NDArray[np.int32]


class Observation(msgspec.Struct, frozen=True):
    """What one action showed, before anything was learned from it.

    examples: to be learned, in this order. step: what it teaches about items. rank: the target's place in the
    list under its task's scores, 0 the best, ties against us; −1: it was not a candidate, or nothing was ranked.
    task: index of the task it was a positive of, or −1. baselines: the same place under simpler orders.
    predicted: float32[tasks], Σ p over the candidates (only with all baselines). duplicate: nothing was done.
    capped: why this event moves less of what all share than it would (influence.CAPS), or "".
    """

    examples: Sequence[Example] = ()
    step: Step | None = None
    rank: int = -1
    task: int = -1
    baselines: dict[str, int] = {}
    predicted: NDArray[np.float32] | None = None
    duplicate: bool = False
    capped: str = ""
