"""The target's place under orders that learn nothing: what every figure of ours is held against."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.choice import Choice
from online_model.features import COVISIT_SHARE
from online_model.hand_blend import blend_of

BASELINES = ("popularity", "own_history", "own_history_without_last", "covisit", "hand_blend")


def cheap(choice: Choice) -> dict[str, int]:
    """Places by popularity (the trending list) and by recency."""
    return {"popularity": choice.popular, "own_history": choice.own}


@njit(cache=True, nogil=True)
def places(x: NDArray[np.float32], candidates: int, target: int) -> tuple[int, int]:
    """The target row's places by co-visits (normalised) and by the hand blend; −1 for no co-visit at all."""
    covisit = blended = 0
    own, mine = x[COVISIT_SHARE, target], blend_of(x, target)
    for i in range(candidates):
        if i != target:
            covisit += x[COVISIT_SHARE, i] >= own
            blended += blend_of(x, i) >= mine
    return (covisit if own > 0 else -1), blended


def all_of(choice: Choice, size: int, x: NDArray[np.float32], chosen: int, column: int) -> dict[str, int]:
    """Every baseline's place, or −1. size: of the history, where the newest item is put last."""
    covisit, blended = places(x, chosen, column) if choice.place >= 0 else (-1, -1)
    return cheap(choice) | {
        "own_history_without_last": size - 1 if choice.own == 0 else choice.own - (choice.own > 0),
        "covisit": covisit,
        "hand_blend": blended,
    }
