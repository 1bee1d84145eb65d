"""The arrays behind an ItemTable, as the compiled functions read and write them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from online_model.demand.levels import LEVELS
from online_model.records import record

STATS = record(
    [
        ("category", np.int32),  # index into ItemTable.categories; -1: unknown
        ("available", np.int32),
        ("price", np.float32),  # NaN: unknown
        ("neighbours", np.int32),  # used places of the row
        ("clicks", np.int32),
        ("carts", np.int32),
        ("purchases", np.int32),
        ("ratings", np.int32),
        ("rating_cents", np.int64),  # a hundred times the sum of the ratings
        ("again", np.int32),  # events by a shopper who had it in the history already
        ("shown", np.int32),  # on pages
        ("first_ts", np.int64),  # 0: never
        ("last_ts", np.int64),
        ("row_ts", np.int64),  # the time the row's weights are as of
    ]
)
WARM, HOT = 0, 1  # rows of Tables.heat: half-lives of a day (inside a category) and of 6 hours (over all)
SOLD = 2  # from here on the levels that demand is told from (demand/levels.py)
HEATS = SOLD + LEVELS


class Tables(NamedTuple):
    """All indexed by item, but for the last four."""

    stats: NDArray[np.void]  # STATS[capacity]
    rows: NDArray[np.void]  # NEIGHBOUR[capacity, neighbours] (co_visits.py)
    heat: NDArray[np.float64]  # [HEATS, capacity], forward-decayed (decay.py)
    keys: NDArray[np.uint64]  # [capacity], stable keys
    top: NDArray[np.int32]  # [categories, per category]: hottest available items, exactly (top_list.py)
    top_size: NDArray[np.int32]  # [categories]
    hottest: NDArray[np.int32]  # [trending]: the same over all
    hottest_size: NDArray[np.int32]  # [1]
    category_keys: NDArray[np.uint64]  # [categories], stable keys


class HalfLives(NamedTuple):
    """In milliseconds."""

    covisit: float
    warm: float
    hot: float
