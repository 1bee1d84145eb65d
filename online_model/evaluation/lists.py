"""What a published list is worth, and to whom its places go: every so many events one is made and looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from online_model.evaluation.places import K, Places
from online_model.evaluation.tally import by_task
from online_model.exposure import Shares
from online_model.tasks import Task

EVERY = (
    5  # events from one list to the next: a list takes half as long as all else that is done with an event
)


class Lists(msgspec.Struct):
    """Sums. targets: by task, where the shopper's next item stood in the list, which is blended and has its floor.
    median: Exposure's.
    """

    targets: list[Places]
    lists: int = 0
    places: int = 0
    new: int = 0
    small: int = 0
    median: float = 0.0

    @classmethod
    def blank(cls, tasks: int, k: int = K) -> Lists:
        """Nothing counted."""
        return cls([Places(k) for _ in range(tasks)])

    def add(self, shares: Shares, median: float) -> None:
        """One list."""
        self.median = median
        self.lists += 1
        self.places += shares.places
        self.new += shares.new
        self.small += shares.small

    def figures(self, tasks: Sequence[Task]) -> dict[str, Any]:
        """lists, the shares of their places that went to new and to small items, and their recall task by task."""
        places = max(self.places, 1)
        return {
            "lists": self.lists,
            "new_items": round(self.new / places, 4),
            "small_items": round(self.small / places, 4),
            "tasks": by_task(self.targets, tasks),
        }
