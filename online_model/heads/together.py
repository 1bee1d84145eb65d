"""All that is learned by example: the ranker and its calibration. Dumped and loaded bit for bit, swapped whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from online_model.calibration import INPUTS, calibrate, learn_calibration
from online_model.encoder_columns import width
from online_model.example import Example, unpack_example
from online_model.features import OWN
from online_model.rankers import RANKERS
from online_model.settings import ModelSettings
from online_model.tasks import Task

VERSION = 1


class Heads:
    """learned: how many examples it has seen; with the encoder's version it names every score."""

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

    def learn(self, example: Example) -> None:
        """One example; the order of calls is the order of the log."""
        x, odds, labels = unpack_example(example)
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
        self.learned += 1

    def dump(self) -> bytes:
        """Version byte, count, and every float as it is."""
        parts = [part.astype("<f4").tobytes() for part in self._arrays]
        return bytes([VERSION]) + self.learned.to_bytes(8, "little") + b"".join(parts)

    @classmethod
    def load(cls, data: bytes, settings: ModelSettings, tasks: Sequence[Task]) -> Heads:
        """The heads that were dumped under the same settings and tasks; ValueError when they do not fit."""
        if data[0] != VERSION:
            raise ValueError(f"heads have version {data[0]}, wanted {VERSION}: learn the examples again")
        self = cls(settings, tasks)
        wanted = 9 + 4 * sum(part.size for part in self._arrays)
        if len(data) != wanted:
            raise ValueError(
                f"heads have {len(data)} bytes, these settings and {len(tasks)} tasks take {wanted}: "
                "learn the examples again"
            )
        self.learned = int.from_bytes(data[1:9], "little")
        at = 9
        for part in self._arrays:
            part[...] = np.frombuffer(data, "<f4", part.size, at).reshape(part.shape)
            at += 4 * part.size
        return self

    @property
    def _arrays(self) -> tuple[NDArray[np.float32], ...]:
        return (*self.ranker.state, self.calibration, self.squares)
