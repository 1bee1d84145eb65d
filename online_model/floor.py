"""A floor under the exposure of new items: at least a share of every list's beginning is theirs.

Of the first n places at least ⌊share · n⌋ hold a new item, for every n, as long as there are any among the candidates;
within new and other items the order stays that of the scores. It is the rule of FA*IR (Zehlike et al., CIKM 2017),
with the share itself where they take a binomial quantile. Nothing is chosen by chance, so a list stays a function of
shopper, items and model.
"""

import numpy as np
from numpy.typing import NDArray

DAY_MS = 86_400_000
EXACT = 1e-9  # 0.1 · 30 is 3.0000000000000004, 0.29 · 100 is 28.999999999999996


def are_new(first_ts: NDArray[np.int64], now_ms: int, days: float) -> NDArray[np.bool_]:
    """Whether items were first seen so lately. first_ts: of their first event, 0 for none yet."""
    new: NDArray[np.bool_] = (first_ts == 0) | (now_ms - first_ts < days * DAY_MS)
    return new


def with_floor(new: NDArray[np.bool_], share: float, k: int) -> list[int]:
    """Places of the k items to list, of those given best first.

    >>> with_floor(np.array([False, False, False, True, True]), 0.5, 4)
    [0, 3, 1, 4]
    """
    news, others = np.flatnonzero(new).tolist(), np.flatnonzero(~new).tolist()
    news.reverse()
    others.reverse()
    listed: list[int] = []
    held = 0
    while len(listed) < k and (news or others):
        short = held < int(share * (len(listed) + 1) + EXACT)
        if news and (short or not others or news[-1] < others[-1]):
            listed.append(news.pop())
            held += 1
        else:
            listed.append(others.pop())
    return listed
