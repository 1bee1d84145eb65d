"""Freshet's own commands as child processes, on the same leash as the local servers."""

import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from freshet.local.server import Server


def set_arguments(overrides: Sequence[str]) -> list[str]:
    """The command line's words for `section.name=value` settings."""
    return [word for override in overrides for word in ("--set", override)]


class Service(Server):
    """`freshet NAME ARGUMENTS…`; ready when `ready()` says so. overrides: `section.name=value` settings."""

    def __init__(
        self,
        name: str,
        *,
        arguments: Sequence[str] = (),
        overrides: Sequence[str] = (),
        log_dir: Path,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        command = [sys.executable, "-m", "freshet.cli", name, *set_arguments(overrides), *arguments]
        super().__init__(name, log_dir / f"{name}.log", command)
        self._ready = ready

    def is_ready(self) -> bool:
        return self._ready()

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def answers(url: str) -> bool:
    """Whether an HTTP address answers with a success."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own addresses
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
