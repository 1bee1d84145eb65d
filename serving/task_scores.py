"""What an answer says of each task, in the task's own units: a probability, or a rating within its range."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from freshet.task_settings import TaskSettings


class TaskScores:
    """of(*p): a struct with a field for each task. parts(*p): the same fields, as the blend counts them: a regression
    with its place in the range.

    >>> scores = TaskScores([TaskSettings(name="stars", kind="regression", label="ratings")])
    >>> scores.of(0.5), scores.parts(0.5)
    (Scores(stars=3.0), Scores(stars=0.5))
    """

    def __init__(self, tasks: Sequence[TaskSettings]) -> None:
        self.parts: Any = msgspec.defstruct("Scores", [(task.name, float) for task in tasks], gc=False)
        self.of: Callable[..., Any] = self.parts
        if any(task.kind == "regression" for task in tasks):
            ranges = [task.range if task.kind == "regression" else (0.0, 1.0) for task in tasks]
            self.of = lambda *p: self.parts(
                *(low + (high - low) * share for share, (low, high) in zip(p, ranges, strict=True))
            )
