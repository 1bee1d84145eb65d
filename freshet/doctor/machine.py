"""This machine: Java, ports, room on the disk."""

import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from freshet.doctor.finding import Finding, Grade
from freshet.local import ports
from freshet.local.errors import StackError
from freshet.local.holders import port_holder
from freshet.local.java import find_java, java_version
from freshet.settings import Settings

ROOM_BYTES, SOME_BYTES = (
    2**30,
    10 * 2**30,
)  # an encoder of a million items takes 150 MB, a day of a small shop's log 5 GB


def machine(settings: Settings) -> Iterator[Finding]:
    yield java()
    for name, port, path in (
        ("api.port", settings.api.port, "/healthz"),
        ("worker.metrics_port", settings.worker.metrics_port, "/metrics"),
        ("refresh.metrics_port", settings.refresh.metrics_port, "/metrics"),
    ):
        if port:
            yield port_of(name, port, path)
    yield disk(Path(settings.refresh.models_dir))


def java() -> Finding:
    try:
        found = find_java(os.environ)
    except StackError as error:
        return Finding(Grade.LOOK, "Java", str(error), "nothing, if Kafka runs elsewhere")
    return Finding(Grade.GOOD, "Java", f"version {java_version(found)}, {found}")


def port_of(name: str, port: int, path: str) -> Finding:
    """Free, or a process of ours is there already."""
    what = f"port {port}"
    if ports.is_free(port):
        return Finding(Grade.GOOD, what, f"free for {name}")
    try:
        with urllib.request.urlopen(f"http://{ports.LOOPBACK}:{port}{path}", timeout=2) as answer:
            text = answer.read()
    except (urllib.error.URLError, OSError, ValueError):
        text = b""
    if b"freshet_" in text or b'"status":"up"' in text:
        return Finding(Grade.GOOD, what, f"{name}: a process of Freshet answers")
    return Finding(Grade.WRONG, what, f"taken by {port_holder(port)}", f"stop that program, or set {name}")


def disk(folder: Path) -> Finding:
    """Where encoders are written."""
    there = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    free, total = shutil.disk_usage(there).free, shutil.disk_usage(there).total
    said = f"{free / 2**30:,.1f} GB free of {total / 2**30:,.1f} at {there}"
    if free < ROOM_BYTES:
        return Finding(Grade.WRONG, "disk", said, "make room: a refresh cannot write its encoder")
    return Finding(Grade.LOOK if free < SOME_BYTES else Grade.GOOD, "disk", said)
