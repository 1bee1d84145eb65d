"""A shopper's interest as a direction: the categories looked at last, hashed into a few numbers.

Each level of a category's path ("a", "a/b") has a fixed random direction, drawn by its name; a category is the sum of
its levels', an interest the sum of its categories', the p-th newest weighing 1/(1 + p). Johnson & Lindenstrauss, 1984:
random directions keep the angles.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

DIM = 32
NEWEST = 10  # items that an interest is made of


@lru_cache(maxsize=20_000)
def _direction(category: str) -> NDArray[np.float32]:
    levels = category.split("/")
    total = np.zeros(DIM, np.float32)
    for depth in range(1, len(levels) + 1):
        seed = int.from_bytes(blake2b("/".join(levels[:depth]).encode(), digest_size=8).digest(), "big")
        total += np.random.Generator(np.random.PCG64(seed)).standard_normal(DIM, np.float32)
    return np.asarray(total / np.linalg.norm(total))


def interest(categories: Sequence[str]) -> NDArray[np.float32] | None:
    """float32[DIM] of length 1, from the categories of the newest items, newest first ("" for unknown); None when
    none is known.

    >>> shoes, running, hats = (interest([name]) for name in ("shoes", "shoes/running", "hats"))
    >>> bool(shoes @ running > 0.5 > shoes @ hats), interest([""])
    (True, None)
    """
    total = np.zeros(DIM, np.float32)
    for place, category in enumerate(categories[:NEWEST]):
        if category:
            total += _direction(category) / np.float32(1 + place)
    length = np.linalg.norm(total)
    return np.asarray(total / length) if length > 0 else None
