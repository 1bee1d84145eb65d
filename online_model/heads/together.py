"""All that is learned by example: the ranker with its calibration, the heads that learn what happens to shown items,
and those that have a task to themselves. Dumped and loaded bit for bit, swapped whole.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from online_model.calibration import INPUTS, calibrate, learn_calibration
from online_model.context import CONTEXT
from online_model.encoder_columns import width
from online_model.example import CHOICE, VALUE, WHOLE, Example, unpack_example
from online_model.features import OWN
from online_model.heads.late import LateLabels
from online_model.heads.shown import ShownHeads
from online_model.heads.squared import SquaredHead
from online_model.heads.table import HEADS, Head
from online_model.rankers import RANKERS
from online_model.settings import ModelSettings
from online_model.tasks import Task

VERSION = 5
_HEAD = struct.Struct("<BQQ")


class Heads:
    """own: heads of tasks that do not share one, by the task's index; values: the ranges of regressions among
    them.
    learned: how many examples it has seen; with the encoder's version it names every score. shown: heads of
    impressions; their `rows` are those of pages, or labels of theirs.
    """

    def __init__(self, settings: ModelSettings, tasks: Sequence[Task]) -> None:
        if settings.ranker not in RANKERS:
            raise ValueError(f"no ranker {settings.ranker!r}; one of {sorted(RANKERS)}")
        self.ranker = RANKERS[settings.ranker](width(len(tasks)), len(tasks), settings)
        self.calibration = np.zeros((len(tasks), INPUTS), np.float32)
        self.calibration[:, 1] = (
            1  # at first the share itself, if the task had the shopper's next event for certain
        )
        self.squares = np.zeros_like(self.calibration)
        self.rate = settings.calibration_rate
        wide = width(len(tasks)) + CONTEXT
        self.shown, self.late = ShownHeads(wide, len(tasks), settings), LateLabels(wide, tasks)
        self.own = {t: head for t, task in enumerate(tasks) if (head := _own(task, wide)) is not None}
        self.values = {t: tasks[t].range for t in self.own if tasks[t].kind == "regression"}
        self.learned = 0

    def score(self, x: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """x[width, n] → the ranker's scores, out[tasks, n]."""
        self.ranker.score(x, out)

    def probabilities(
        self, scores: NDArray[np.float32], x: NDArray[np.float32], candidates: int
    ) -> NDArray[np.float32]:
        """p[n, tasks] of a list whose first `candidates` items are the whole choice."""
        out = np.empty((scores.shape[1], scores.shape[0]), np.float32)
        calibrate(self.calibration, scores, x[OWN], candidates, out)
        return out

    def shown_probabilities(self, z: NDArray[np.float32]) -> NDArray[np.float32]:
        """p[n, tasks] of rows z[width, n] with their context, if they are shown; of a regression the value, as a share
        of its range.
        """
        p = self.shown.probabilities(z)
        for t, head in self.own.items():
            low, high = self.values.get(t, (0.0, 1.0))
            p[:, t] = (head.predict(z.T) - np.float32(low)) / np.float32(high - low)
        return p

    def learn(self, example: Example) -> None:
        """One example; the order of calls is the order of the log."""
        x, odds, labels = unpack_example(example)
        if labels.shape[1] != len(self.calibration):
            raise ValueError(
                f"example has labels of {labels.shape[1]} tasks, the heads of {len(self.calibration)}: "
                "begin a new examples topic"
            )
        self.learned += 1
        if example.kind == VALUE:
            for t, (low, high) in self.values.items():
                if labels[0, t] >= 0:
                    value = low + (high - low) * int(labels[0, t]) / WHOLE
                    self.own[t].learn(x.T, np.array([value], np.float32))
        elif example.kind == CHOICE:
            self._learn_choice(example, x, odds, labels)
        else:
            self._learn_shown(x, labels)

    def _learn_shown(self, z: NDArray[np.float32], labels: NDArray[np.int8]) -> None:
        rows = z.T
        y, weight = self.late.weigh(rows, labels, self.shown_probabilities(z))
        self.shown.learn(z, y, weight)
        for t, head in self.own.items():
            told = y[:, t] >= 0
            if told.any():
                head.learn(rows[told], y[told, t].astype(np.float32), weight[told, t])
        self.late.learn(rows, labels)

    def _learn_choice(
        self, example: Example, x: NDArray[np.float32], odds: NDArray[np.float32], labels: NDArray[np.int8]
    ) -> None:
        n, tasks = labels.shape
        scores = np.empty((tasks, n), np.float32)
        self.ranker.score(x, scores)
        first = example.first_candidate
        if n > first:
            learn_calibration(self.calibration, self.squares, scores, x[OWN], odds, labels, first, self.rate)
        if example.in_candidates and n > 1:
            for place, label in enumerate(example.labels):
                if label == 1:
                    row, task = divmod(place, tasks)
                    self.ranker.learn(x, odds, labels[:, task], task, row)

    def dump(self) -> bytes:
        """Version byte, counts, and every float as it is."""
        parts = [part.astype("<f4").tobytes() for part in self._arrays]
        return _HEAD.pack(VERSION, self.learned, self.shown.rows) + b"".join(parts)

    @classmethod
    def load(cls, data: bytes, settings: ModelSettings, tasks: Sequence[Task]) -> Heads:
        """The heads that were dumped under the same settings and tasks; ValueError when they do not fit."""
        if data[0] != VERSION:
            raise ValueError(f"heads have version {data[0]}, wanted {VERSION}: learn the examples again")
        self = cls(settings, tasks)
        wanted = _HEAD.size + 4 * sum(part.size for part in self._arrays)
        if len(data) != wanted:
            raise ValueError(
                f"heads have {len(data)} bytes, these settings and {len(tasks)} tasks take {wanted}: "
                "learn the examples again"
            )
        _, self.learned, self.shown.rows = _HEAD.unpack_from(data)
        at = _HEAD.size
        for part in self._arrays:
            part[...] = np.frombuffer(data, "<f4", part.size, at).reshape(part.shape)
            at += 4 * part.size
        return self

    @property
    def _arrays(self) -> tuple[NDArray[np.float32], ...]:
        own = (part for head in self.own.values() for part in head.state)
        return (
            *self.ranker.state,
            self.calibration,
            self.squares,
            *self.shown.state,
            *self.late.state,
            *own,
        )


def _own(task: Task, width: int) -> Head | None:
    """The head that a task has to itself; None when it shares that of shown items."""
    name = task.head or ("huber" if task.kind == "regression" else "")
    if not name:
        return None
    kind = HEADS[name]
    return kind(width, range=task.range) if issubclass(kind, SquaredHead) else kind(width)
