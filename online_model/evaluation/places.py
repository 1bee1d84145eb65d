"""Where the target stood, added up: recall, reciprocal rank and gain of each task."""

from __future__ import annotations

import math

import msgspec

K = 20  # places of a page


class Places(msgspec.Struct):
    """Places of the targets of one task, 0 the best, −1 a miss. Nothing added: all figures are 0.

    recall@k = share with place < k; precision@k = recall@k / k, as one target is all there is to find.
    mrr@k = mean of 1 / (1 + place) over those, 0 for the others.
    ndcg@k = mean of 1 / log₂(2 + place): with one target a list, the ideal gain is 1.

    >>> places = Places(k=20)
    >>> for place in (0, 1, 20, -1): places.add(place)
    >>> places.figures()
    {'n': 4, 'recall@20': 0.5, 'mrr@20': 0.375, 'ndcg@20': 0.4077, 'precision@20': 0.025}
    """

    k: int = K
    n: int = 0
    hits: int = 0
    reciprocal: float = 0.0
    gain: float = 0.0

    def add(self, place: int) -> None:
        """One more target."""
        self.n += 1
        if 0 <= place < self.k:
            self.hits += 1
            self.reciprocal += 1 / (1 + place)
            self.gain += 1 / math.log2(2 + place)

    @property
    def recall(self) -> float:
        """Share of targets in the first k places."""
        return self.hits / max(self.n, 1)

    def figures(self) -> dict[str, float]:
        """n, and the four means to four digits (precision, k times smaller, to six)."""
        n, k = max(self.n, 1), self.k
        return {
            "n": self.n,
            f"recall@{k}": round(self.recall, 4),
            f"mrr@{k}": round(self.reciprocal / n, 4),
            f"ndcg@{k}": round(self.gain / n, 4),
            f"precision@{k}": round(self.recall / k, 6),
        }
