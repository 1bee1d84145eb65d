"""The broker's jars are those of the lock, however they come."""

import hashlib
import os
import shutil
import sys
from pathlib import Path

import pytest

from freshet.local import StackError
from freshet.local.jars import LOCK, cache_folder, fetch, kafka_jars, read_lock

WHOLE = b"a jar"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock of two jars with the same content."""
    file = tmp_path / "lock"
    digest = hashlib.sha256(WHOLE).hexdigest()
    file.write_text(f"# a comment\n{digest}  a.jar\n{digest}  b.jar\n")
    return file


def test_a_distributions_own_jars_are_taken_and_its_other_files_left_alone(tmp_path, lock):
    libs = tmp_path / "libs"
    fill(libs, {"a.jar": WHOLE, "b.jar": WHOLE, "unknown.jar": b"x"})

    assert kafka_jars({"KAFKA_HOME": str(tmp_path)}, lock) == [libs / "a.jar", libs / "b.jar"]


@pytest.mark.parametrize(
    ("jars", "complaint"),
    [
        pytest.param(
            {"a.jar": WHOLE, "b.jar": b"tampered"}, r"b\.jar has SHA-256 \w+, but the lock", id="tampered"
        ),
        pytest.param({"a.jar": WHOLE}, r"b\.jar is missing", id="missing"),
    ],
)
def test_a_distribution_that_differs_is_refused(tmp_path, lock, jars, complaint):
    fill(tmp_path / "libs", jars)

    with pytest.raises(StackError, match=rf"{complaint}.*unset it"):
        kafka_jars({"KAFKA_HOME": str(tmp_path)}, lock)


def test_a_cached_jar_that_was_tampered_with_is_refused(tmp_path, lock):
    environ = {"FRESHET_CACHE": str(tmp_path), "PATH": ""}
    fill(cache_folder(environ), {"a.jar": WHOLE, "b.jar": b"tampered"})

    with pytest.raises(StackError, match=rf"b\.jar has SHA-256.*Delete {tmp_path}/kafka-"):
        kafka_jars(environ, lock)


def test_a_fetched_set_that_differs_from_the_lock_is_not_kept(tmp_path, lock):
    """Here "Maven" is a script that delivers one jar right and one wrong."""
    environ = {"FRESHET_CACHE": str(tmp_path / "cache"), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    script(
        tmp_path / "mvn",
        'for word; do out="${word#-DoutputDirectory=}"; done',
        'mkdir "$out"; printf "a jar" > "$out/a.jar"; printf bad > "$out/b.jar"',
    )

    with pytest.raises(StackError, match=r"b\.jar has SHA-256.*mirror"):
        kafka_jars(environ, lock)

    assert list(tmp_path.glob("cache/**/*.jar")) == []


def test_when_nothing_can_fetch_the_error_quotes_each_that_tried(tmp_path, lock, monkeypatch):
    environ = {"FRESHET_CACHE": str(tmp_path / "cache"), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    monkeypatch.setattr(sys, "executable", "/bin/false")  # a Python without jgo
    script(tmp_path / "mvn", "echo no route to host; exit 1")

    with pytest.raises(StackError, match=r"(?s)Maven said: no route to host.*KAFKA_HOME"):
        kafka_jars(environ, lock)


@pytest.mark.skipif("CI" not in os.environ, reason="fetches 43 MB from the network; set CI=1 to run it")
@pytest.mark.parametrize("way", ["mvn", "jgo"])
def test_maven_and_jgo_both_deliver_the_locked_jars(tmp_path, way):
    path = os.environ["PATH"] if way == "mvn" else "/nonexistent"
    if way == "mvn" and not shutil.which("mvn"):
        pytest.skip("no Maven here")
    locked = read_lock(LOCK)

    fetch(tmp_path / "jars", locked, {**os.environ, "PATH": path})

    assert sorted(jar.name for jar in (tmp_path / "jars").iterdir()) == sorted(locked)


def fill(folder: Path, jars: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, content in jars.items():
        (folder / name).write_bytes(content)


def script(path: Path, *lines: str) -> None:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
