"""How tests of processes look and wait."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def lives() -> Callable[[int], bool]:
    """Whether the process of this pid runs; a zombie, whose parent has yet to look, does not."""

    def lives(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    return lives


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait until a condition holds; fail after 10 s."""

    def until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    return until
