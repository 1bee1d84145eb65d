"""Public data sets as a shop's events: one small file a format, one table of names (`FORMATS`)."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from freshet.datasets.bad_lines import MOST, BadLines, TooManyBadLines
from freshet.datasets.catalogue import with_items
from freshet.datasets.formats import FORMATS, Format
from freshet.datasets.lines import numbered_lines
from freshet.datasets.record import Maker, Record
from freshet.datasets.time_order import in_time_order

__all__ = ["FORMATS", "Format", "Record", "TooManyBadLines", "read"]


def read(
    name: str,
    path: Path,
    *,
    report: Callable[[str], None],
    limit: int | None = None,
    most_bad: int = MOST,
    id_offset: int = 0,
    now_ms: int | None = None,
) -> Iterator[Record]:
    """The messages of a file in order of time: user events, and `items` before the first event of an item.

    name: of FORMATS. report: called with a sentence for each line left out; most_bad: so many may be, then
    TooManyBadLines. limit: user events at most, the earliest. id_offset: added to the line numbers in event ids.
    now_ms: the reader's clock (events dated ahead of it are refused). Files that are not in order of time are
    sorted in memory, about 1 kB an event. OSError as `open` has it.
    """
    form = FORMATS[name]
    maker = Maker(name, id_offset, int(time.time() * 1000) if now_ms is None else now_ms)
    lines = form.read(maker, numbered_lines(path), BadLines(report, most_bad))
    if form.ordered:
        return with_items(islice(lines, limit))
    return with_items(in_time_order(lines, most=limit, days_ms=form.days_ms, report=report))
