"""Several reports of one evaluation, with different seeds, as one."""

import statistics
from collections.abc import Sequence
from itertools import chain
from typing import Any

SPREAD = ("tasks", "weighted_recall", "mean")  # no baseline draws anything at random


def averaged(reports: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mean of every number of two or more reports; and, under "spread", the sample standard deviations.

    >>> averaged([{"tasks": {"click": {"n": 8, "recall@20": 0.2}}}, {"tasks": {"click": {"n": 8, "recall@20": 0.4}}}])
    {'tasks': {'click': {'n': 8, 'recall@20': 0.3}}, 'spread': {'tasks': {'click': {'n': 0, 'recall@20': 0.141421}}}}
    """
    first = reports[0]
    spread = [{name: report[name] for name in SPREAD if name in first} for report in reports]
    return {**_merged(reports, statistics.fmean), "spread": _merged(spread, statistics.stdev)}


def _merged(parts: Sequence[Any], how: Any) -> Any:
    first = parts[0]
    if isinstance(first, dict):
        return {name: _merged([part[name] for part in parts], how) for name in first}
    if isinstance(first, list | tuple):
        if len(set(map(len, parts))) > 1:  # curves, some with empty groups: their points, side by side
            return sorted(chain.from_iterable(parts))
        return [_merged(of_place, how) for of_place in zip(*parts, strict=True)]
    if isinstance(first, int | float):
        number = how(parts)
        return int(number) if number == int(number) else round(number, 6)
    return first
