"""All that is learned by example: the ranker with its calibration, the heads that learn from impressions, and those
of values. Dumped and loaded bit for bit, swapped whole.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from online_model.calibration import INPUTS, calibrate, learn_calibration
from online_model.context import CONTEXT
from online_model.encoder_columns import width
from online_model.example import CHOICE, Example, unpack_example
from online_model.features import OWN
from online_model.heads.shown import ShownHeads
from online_model.rankers import RANKERS
from online_model.settings import ModelSettings
from online_model.tasks import Task

VERSION = 2
_HEAD = struct.Struct("<BQQ")


class Heads:
    """learned: how many examples it has seen; with the encoder's version it names every score. shown_rows: rows of
    pages, or labels of theirs, that the heads of impressions have learned.
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
        self.shown = ShownHeads(width(len(tasks)) + CONTEXT, len(tasks), settings)
        self._early = np.array([task.delay == "fnw" for task in tasks])
        self.learned = self.shown_rows = 0

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

    def learn(self, example: Example) -> None:
        """One example; the order of calls is the order of the log."""
        x, odds, labels = unpack_example(example)
        self.learned += 1
        if example.kind != CHOICE:
            self.shown_rows += self.shown.learn(x, labels, self._early)
            return
        n, tasks = labels.shape
        scores = np.empty((tasks, n), np.float32)
        self.ranker.score(x, scores)
        first = 0 if example.in_candidates else 1
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
        return _HEAD.pack(VERSION, self.learned, self.shown_rows) + b"".join(parts)

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
        _, self.learned, self.shown_rows = _HEAD.unpack_from(data)
        at = _HEAD.size
        for part in self._arrays:
            part[...] = np.frombuffer(data, "<f4", part.size, at).reshape(part.shape)
            at += 4 * part.size
        return self

    @property
    def _arrays(self) -> tuple[NDArray[np.float32], ...]:
        return (*self.ranker.state, self.calibration, self.squares, *self.shown.state)
