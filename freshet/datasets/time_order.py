"""Files grouped by user, put in order of time: a stream is in that order, and so is what is learned from it.

The sort is in memory, about 1 kB an event, and stable: events of one instant keep the file's order. With a
limit only twice that many events are held, whatever the file's size.
"""

from collections.abc import Callable, Iterable, Iterator

from freshet.datasets.record import Line

STRAY_SHARE = 0.01  # up to this share of events outside a data set's own days are errors of its clocks


class Earliest:
    """The earliest `most` of the lines added (None: all), in order of time."""

    def __init__(self, most: int | None) -> None:
        self.count, self._most, self._lines = 0, most, list[Line]()

    def add(self, line: Line) -> None:
        self.count += 1
        self._lines.append(line)
        if self._most is not None and len(self._lines) >= 2 * self._most + 1000:
            self.sorted()

    def sorted(self) -> list[Line]:
        """What is held, earliest first."""
        self._lines.sort(key=lambda line: line.event.ts)
        if self._most is not None:
            del self._lines[self._most :]
        return self._lines


def in_time_order(
    lines: Iterable[Line],
    *,
    most: int | None,
    days_ms: tuple[int, int] | None,
    report: Callable[[str], None],
) -> Iterator[Line]:
    """The earliest `most` lines. days_ms: the data set's own first instant and the one after its last.

    When nearly all lines lie in those days, the others are left out and reported; a file of other days is whole.
    """
    inside, outside = Earliest(most), Earliest(most)
    for line in lines:
        in_days = days_ms is None or days_ms[0] <= line.event.ts < days_ms[1]
        (inside if in_days else outside).add(line)
    if 0 < outside.count <= STRAY_SHARE * inside.count:
        report(f"{outside.count:,} events are dated outside the data set's own days and left out")
        outside = Earliest(0)
    if not outside.count:
        return iter(inside.sorted())
    for line in outside.sorted():  # no tie with one inside: a stable sort keeps the file's order
        inside.add(line)
    return iter(inside.sorted())
