"""Places of one stretch of events: ours and every baseline's, task by task."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from online_model.baselines import BASELINES
from online_model.evaluation.places import K, Places
from online_model.ranking import Observation
from online_model.tasks import Task


class Tally(msgspec.Struct):
    """ours: by task. baselines: by name, then by task. first: the number of events before the stretch."""

    ours: list[Places]
    baselines: dict[str, list[Places]]
    first: int = 0

    @classmethod
    def blank(cls, tasks: int, k: int = K, first: int = 0) -> Tally:
        """Nothing counted."""
        return cls(
            [Places(k) for _ in range(tasks)],
            {name: [Places(k) for _ in range(tasks)] for name in BASELINES},
            first,
        )

    def add(self, seen: Observation) -> None:
        """One ranked choice."""
        self.ours[seen.task].add(seen.rank)
        for name, place in seen.baselines.items():
            self.baselines[name][seen.task].add(place)

    def of_baselines(self, tasks: Sequence[Task]) -> dict[str, dict[str, dict[str, float]]]:
        """{baseline: {task: figures}}, of the tasks that were seen."""
        return {name: by_task(places, tasks) for name, places in self.baselines.items()}


def by_task(places: list[Places], tasks: Sequence[Task]) -> dict[str, dict[str, float]]:
    """{task: figures}, of the tasks that were seen."""
    return {task.name: place.figures() for task, place in zip(tasks, places, strict=True) if place.n}
