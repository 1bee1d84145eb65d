"""The target's place under orders that learn nothing: what every figure of ours is held against."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.candidates.pool import Tables
from online_model.features import COVISIT_SHARE, OWN_LAST
from online_model.hand_blend import blend_of
from online_model.history import find

BASELINES = ("popularity", "own_history", "own_history_without_last", "covisit", "hand_blend")


def cheap(history: NDArray[np.void], size: int, item: int, tables: Tables) -> dict[str, int]:
    """Places by popularity (the trending list) and by recency."""
    hottest = tables.hottest[: tables.hottest_size[0]]
    at = np.flatnonzero(hottest == item)
    own = int(find(history, size, item))
    return {"popularity": int(at[0]) if len(at) else -1, "own_history": own}


@njit(cache=True, nogil=True)
def places(x: NDArray[np.float32], order: NDArray[np.int32], candidates: int, target: int) -> tuple[int, int]:
    """The target row's places by co-visits (normalised) and by the hand blend; −1 for no co-visit at all."""
    covisit = blended = 0
    own, mine = x[target, COVISIT_SHARE], blend_of(x[target])
    for i in range(candidates):
        if order[i] != order[target]:
            covisit += x[i, COVISIT_SHARE] >= own
            blended += blend_of(x[i]) >= mine
    return (covisit if own > 0 else -1), blended


def all_of(
    history: NDArray[np.void],
    size: int,
    item: int,
    tables: Tables,
    x: NDArray[np.float32],
    order: NDArray[np.int32],
    candidates: int,
    target: int,
    in_candidates: bool,
) -> dict[str, int]:
    """Every baseline's place, or −1."""
    result = cheap(history, size, item, tables)
    own = result["own_history"]
    result["own_history_without_last"] = own - 1 if x[target, OWN_LAST] == 0 else size - 1
    covisit, blended = places(x, order, candidates, target) if in_candidates else (-1, -1)
    return result | {"covisit": covisit, "hand_blend": blended}
