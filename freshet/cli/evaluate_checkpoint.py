"""Where a long evaluation goes on from: its state in a file, written whole or not at all."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec

from freshet.task_settings import TaskSettings
from online_model.evaluation import Evaluation, Snapshot
from online_model.settings import ModelSettings

VERSION = 2  # raise it when a snapshot of before would give another result
ASKED = ("format", "limit", "bad_lines", "k", "warmup", "min_context", "frozen", "late")


class CheckpointError(ValueError):
    """A file that is no checkpoint; the text says which, and what to do."""


class Checkpoint:
    """One evaluation's file in a folder. Its name tells evaluations apart: settings, options, files and their sizes."""

    def __init__(self, path: Path, every: int) -> None:
        self.path, self._every, self._kept = path, every, 0

    @classmethod
    def of(
        cls, args: argparse.Namespace, model: ModelSettings, tasks: Sequence[TaskSettings]
    ) -> Checkpoint | None:
        """The one of these arguments, or None without --checkpoint."""
        if not args.checkpoint:
            return None
        files = [
            (str(path.resolve()), path.stat().st_size) for path in (args.path, args.train, args.test) if path
        ]
        asked = [VERSION, files, [getattr(args, name) for name in ASKED], model, tasks]
        name = blake2b(msgspec.json.encode(asked), digest_size=8).hexdigest()
        args.checkpoint.mkdir(parents=True, exist_ok=True)
        return cls(args.checkpoint / f"{name}.evaluation", args.checkpoint_every)

    def left(self) -> Snapshot | None:
        """What an earlier run left."""
        if not self.path.exists():
            return None
        try:
            snapshot = msgspec.msgpack.decode(self.path.read_bytes(), type=Snapshot)
        except msgspec.MsgspecError as error:
            raise CheckpointError(f"{self.path} is no checkpoint ({error}): remove it") from None
        self._kept = snapshot.events
        return snapshot

    def keep(self, evaluation: Evaluation) -> None:
        """Write the state, if enough events have passed since it was written."""
        if evaluation.events - self._kept < self._every:
            return
        self._kept = evaluation.events
        new = self.path.with_suffix(".new")
        new.write_bytes(msgspec.msgpack.encode(evaluation.snapshot()))
        new.replace(self.path)
