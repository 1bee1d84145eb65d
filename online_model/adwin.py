"""Adaptive windowing: a mean over the newest values that forgets the others as soon as they no longer belong to it.

Bifet & Gavaldà, "Learning from time-changing data with adaptive windowing", SDM 2007 (ADWIN2: buckets of doubling
sizes, so memory and time grow with the logarithm of the window).
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

ROW = 5  # buckets of one size; of one more, the two oldest become one of twice the size
CLOCK = 32  # values between two looks for a change: a look costs as much as a few updates
LEAST = 5  # values on either side of a cut


class Bucket(NamedTuple):
    """n values: their sum, and Σ (value − mean)²."""

    n: int
    total: float
    scatter: float

    def with_(self, other: "Bucket") -> "Bucket":
        """Both as one (Chan, Golub & LeVeque 1979)."""
        n = self.n + other.n
        apart = self.total / self.n - other.total / other.n
        between = self.n * other.n / n * apart**2
        return Bucket(n, self.total + other.total, self.scatter + other.scatter + between)


class Adwin:
    """width, mean: of the window. Values should lie in 0 … 1: the bound is for these.

    delta: probability of a change reported where there is none.

    >>> adwin = Adwin()
    >>> changes = [n for n in range(2_000) if adwin.update(0.2 if n < 1_000 else 0.8)]
    >>> changes[0], round(adwin.mean, 3)
    (1023, 0.8)
    """

    def __init__(self, delta: float = 0.002) -> None:
        if not 0 < delta < 1:
            raise ValueError(f"delta is a probability, 0 < delta < 1; got {delta}")
        self._delta, self._seen = delta, 0
        self._rows: list[list[Bucket]] = []  # buckets of 1, 2, 4 … values, in each row the oldest first

    @property
    def width(self) -> int:
        """Values in the window."""
        return sum(bucket.n for row in self._rows for bucket in row)

    @property
    def mean(self) -> float:
        """Of the window; 0 when it is empty."""
        total = sum(bucket.total for row in self._rows for bucket in row)
        return total / max(self.width, 1)

    def update(self, value: float) -> bool:
        """Take one value; whether the window had to forget because its mean has changed."""
        self._insert(Bucket(1, value, 0.0))
        self._seen += 1
        changed = False
        while self._seen % CLOCK == 0 and self._has_cut():
            changed = True
            self._rows[-1].pop(0)
            if not self._rows[-1]:
                self._rows.pop()
        return changed

    def _insert(self, bucket: Bucket) -> None:
        for row in self._rows:
            row.append(bucket)
            if len(row) <= ROW:
                return
            bucket = row.pop(0).with_(row.pop(0))
        self._rows.append([bucket])

    def _oldest_first(self) -> Iterator[Bucket]:
        for row in reversed(self._rows):
            yield from row

    def _has_cut(self) -> bool:
        """Whether older and newer values, cut anywhere, have means further apart than chance allows."""
        buckets = list(self._oldest_first())
        if len(buckets) < 2:
            return False
        all_ = buckets[0]
        for bucket in buckets[1:]:
            all_ = all_.with_(bucket)
        variance, log = all_.scatter / all_.n, math.log(2 * math.log(all_.n) / self._delta)
        n, total = 0, 0.0
        for bucket in buckets[:-1]:
            n, total = n + bucket.n, total + bucket.total
            if min(n, all_.n - n) < LEAST:
                continue
            few = 1 / (n - LEAST + 1) + 1 / (all_.n - n - LEAST + 1)
            bound = math.sqrt(2 * few * variance * log) + 2 / 3 * few * log
            if abs(total / n - (all_.total - total) / (all_.n - n)) > bound:
                return True
        return False
