"""A shopper's shortlist: the candidates and their features, in one compiled call."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.candidates import Limits, Scratch, forget, gather
from online_model.features import describe
from online_model.tables import Tables


@njit(cache=True, nogil=True)
def shortlist(
    scratch: Scratch,
    history: NDArray[np.void],
    size: int,
    hidden: NDArray[np.int32],
    asked: NDArray[np.int32],
    order: NDArray[np.int32],
    columns: NDArray[np.int32],
    room: NDArray[np.float32],
    width: int,
    tables: Tables,
    limits: Limits,
    now_ms: int,
) -> tuple[int, int]:
    """Write the pool indices of the candidates, then of asked items that are none, into `order`; the columns of all
    asked items into `columns`; and the features into the first width · listed numbers of `room`, as
    x[width, listed]: the loops over items then run along memory.

    How many candidates there are, and how many columns in all.
    """
    chosen, listed, n, interests = gather(
        scratch, history, size, hidden, asked, order, columns, tables, limits, now_ms
    )
    x = room[: width * listed].reshape(width, listed)
    describe(x, scratch, order, listed, history, size, tables, limits, now_ms)
    forget(scratch, n, interests)
    return chosen, listed
