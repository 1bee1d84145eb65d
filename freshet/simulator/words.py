"""Made-up words: a category, a brand and a taste each have theirs, so titles, queries and reviews tell something."""

from collections.abc import Sequence

import numpy as np

ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "st")
VOWELS = ("a", "e", "i", "o", "u", "ai", "ou")

PRAISE = ("lovely", "sturdy", "as described", "would buy again", "fits well", "great value")
BLAME = ("broke soon", "too small", "not as shown", "feels cheap", "arrived late", "sent it back")


def made_up(rng: np.random.Generator, count: int) -> list[str]:
    """Different words of two or three syllables.

    >>> made_up(np.random.default_rng(1), 3)
    ['pouva', 'zesti', 'mekizu']
    """
    words: dict[str, None] = {}
    while len(words) < count:
        syllables = int(rng.integers(2, 4))
        onsets, vowels = rng.integers(len(ONSETS), size=syllables), rng.integers(len(VOWELS), size=syllables)
        words["".join(ONSETS[o] + VOWELS[v] for o, v in zip(onsets, vowels, strict=True))] = None
    return list(words)


def review(rng: np.random.Generator, rating: int) -> str:
    """What somebody who gives this many of five stars writes."""
    chosen: list[str] = []
    for _ in range(2):
        pool: Sequence[str] = PRAISE if rng.random() * 4 < rating - 1 else BLAME
        chosen.append(pool[int(rng.integers(len(pool)))])
    return ", ".join(chosen)
