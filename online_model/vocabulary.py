"""Item names ↔ dense local indices. An index means nothing outside its process; a key is the same everywhere."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


def stable_key(name: str) -> int:
    """64-bit hash of a name, equal in every process, on every machine, for ever.

    >>> hex(stable_key("apple"))
    '0x960eb5a047f5aedf'
    """
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


class Vocabulary:
    """Append-only list of names. `keys` is uint64[capacity]; entries from len(self) on are 0.

    generation: rises when indices were given out anew (see `keep`); whoever holds indices must drop them.

    >>> items = Vocabulary()
    >>> items.add("a"), items.add("b"), items.add("a"), items.find("c"), len(items)
    (0, 1, 0, -1, 2)
    """

    def __init__(self, capacity: int = 1024) -> None:
        self.names: list[str] = []
        self.encoded: list[bytes] = []  # the same in UTF-8: profiles and rows are dumped from it
        self.keys: NDArray[np.uint64] = np.zeros(capacity, np.uint64)
        self.generation = 0
        self._index: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.names)

    def find(self, name: str) -> int:
        """The index of a name, or -1."""
        return self._index.get(name, -1)

    def add(self, name: str) -> int:
        """The index of a name, given out now if it is new."""
        index = self._index.get(name, -1)
        if index >= 0:
            return index
        index = len(self.names)
        if index == len(self.keys):
            self.keys = np.concatenate([self.keys, np.zeros_like(self.keys)])
        self.keys[index] = stable_key(name)
        self._index[name] = index
        self.names.append(name)
        self.encoded.append(name.encode())
        return index

    def keep(self, indices: Iterable[int]) -> None:
        """Forget all names but these, which are numbered anew in the order given."""
        names = [self.names[i] for i in indices]
        self.names, self.encoded = [], []
        self._index.clear()
        self.keys[:] = 0
        self.generation += 1
        for name in names:
            self.add(name)
