"""Compiled code never outlives a change of any file that it may have been made from."""

import os
from pathlib import Path

from online_model.stale_code import forget_stale_code


def put(path: Path, mtime_s: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    os.utime(path, (mtime_s, mtime_s))
    return path


def test_code_older_than_any_source_goes_and_newer_stays(tmp_path: Path) -> None:
    put(tmp_path / "a.py", 100)
    put(tmp_path / "inner/b.py", 200)
    old = put(tmp_path / "__pycache__/a.f-1.py311.1.nbc", 150)
    new = put(tmp_path / "inner/__pycache__/b.g-1.py311.1.nbc", 250)

    assert forget_stale_code(tmp_path) == 1
    assert (old.exists(), new.exists()) == (False, True)
