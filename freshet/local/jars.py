"""The broker's jars: KAFKA_HOME's, or fetched once by Maven or jgo; always checked against a lock.

Maven and jgo resolve the coordinates below to the same 46 files. Whatever else lies beside them stays off
the class path.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from freshet.local.errors import StackError

VERSION = "4.1.0"
LOCK = Path(__file__).with_name("kafka-jars.lock")
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{VERSION}",
    f"org.apache.kafka:kafka-clients:{VERSION}",  # left to itself, jgo takes an older one and the broker dies
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3",  # without it the broker cannot say why it died
)
COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
FETCH_TIMEOUT_S = 600  # 43 MB; 5 s by Maven and 15 to 30 s by jgo where it was measured


def kafka_jars(environ: Mapping[str, str], lock: Path = LOCK) -> list[Path]:
    """The broker's class path: every jar of the lock, each with the SHA-256 that the lock gives.

    They come from KAFKA_HOME/libs, else from `cache_folder`, which is filled when it lacks any.
    StackError when a jar cannot be had, or is not the one locked.
    """
    locked = read_lock(lock)
    if home := environ.get("KAFKA_HOME"):
        remedy = f"Point KAFKA_HOME at Apache Kafka {VERSION}, or unset it and the jars are fetched"
        return verified(Path(home, "libs"), locked, remedy=remedy)
    folder = cache_folder(environ)
    if not all((folder / name).exists() for name in locked):
        fetch(folder, locked, environ)
    return verified(folder, locked, remedy=f"Delete {folder} and start again: the jars are then fetched anew")


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where fetched jars are kept: under FRESHET_CACHE, else under ~/.cache/freshet."""
    return Path(environ.get("FRESHET_CACHE") or "~/.cache/freshet").expanduser() / f"kafka-{VERSION}"


def read_lock(lock: Path) -> dict[str, str]:
    """Jar name → SHA-256 in hexadecimal, from a file in sha256sum's format."""
    lines = (line for line in lock.read_text().splitlines() if not line.startswith("#"))
    return {name: digest for digest, name in (line.split() for line in lines)}


def verified(folder: Path, locked: Mapping[str, str], *, remedy: str) -> list[Path]:
    """The locked jars as they lie in `folder`; StackError names the first that is missing or different."""
    for name, wanted in locked.items():
        jar = folder / name
        if not jar.is_file():
            raise StackError(f"The broker's jar {jar} is missing. {remedy}.")
        found = hashlib.sha256(jar.read_bytes()).hexdigest()
        if found != wanted:
            raise StackError(f"{jar} has SHA-256 {found}, but the lock says {wanted}. {remedy}.")
    return [folder / name for name in locked]


def fetch(folder: Path, locked: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Fill `folder` with the locked jars. Others may do so meanwhile: each file appears whole and checked."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as name:
        scratch = Path(name)
        _download(scratch, environ)
        for found in list(scratch.rglob("*.jar")):
            if found.name in locked:
                found.replace(scratch / found.name)
        remedy = (
            "The fetched set differs from the lock: look at your Maven settings for a mirror that alters jars"
        )
        for jar in verified(scratch, locked, remedy=remedy):
            jar.replace(folder / jar.name)


def _download(scratch: Path, environ: Mapping[str, str]) -> None:
    """Run the first fetcher that works, and say so: it is the longest silence of a first start."""
    complaints = []
    for name, command in (("Maven", _maven), ("jgo", _jgo)):
        if argv := command(scratch, environ):
            print(f"Fetching Apache Kafka {VERSION} by {name} (43 MB, once) …", file=sys.stderr, flush=True)
            complaint = _run(argv, environ)
            if complaint is None:
                return
            complaints.append(f"{name} said: {complaint}")
    raise StackError(
        f"The jars of Apache Kafka {VERSION} could not be fetched. "
        + ("\n".join(complaints) or "There is neither Maven (mvn) on the PATH nor the Python package jgo.")
        + "\nCheck the network, run pip install 'freshet[local]' for jgo, "
        f"or set KAFKA_HOME to an unpacked Apache Kafka {VERSION}."
    )


def _maven(scratch: Path, environ: Mapping[str, str]) -> list[str] | None:
    mvn = shutil.which("mvn", path=environ.get("PATH", ""))
    if mvn is None:
        return None
    pom = scratch / "pom.xml"
    pom.write_text(pom_xml())
    return [
        mvn,
        "--batch-mode",
        "--quiet",
        f"--file={pom}",
        COPY_JARS,
        f"-DoutputDirectory={scratch / 'jars'}",
    ]


def _jgo(scratch: Path, environ: Mapping[str, str]) -> list[str] | None:
    found = subprocess.run([sys.executable, "-m", "jgo", "--version"], capture_output=True)
    if found.returncode:
        return None
    *libraries, logging = COORDINATES
    endpoint = "+".join(
        [*libraries, f"{logging}!"]
    )  # "!": its versions of shared jars do not override Kafka's
    return [
        *(sys.executable, "-m", "jgo", "--quiet", "--resolver=python", "--links=copy"),
        *(f"--cache-dir={scratch / 'jgo'}", f"--repo-cache={scratch / 'repository'}"),
        *("info", "jars", endpoint),
    ]


def _run(argv: list[str], environ: Mapping[str, str]) -> str | None:
    """None when the command succeeded, else the end of what it said."""
    try:
        done = subprocess.run(  # noqa: S603
            argv,
            env=dict(environ),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=FETCH_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        return f"nothing for {FETCH_TIMEOUT_S} s"
    return None if done.returncode == 0 else done.stdout.strip()[-600:]


def pom_xml() -> str:
    """A Maven project whose only content is the broker's coordinates."""
    dependencies = "".join(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>".format(
            *coordinate.split(":")
        )
        for coordinate in COORDINATES
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>freshet</groupId><artifactId>local-kafka</artifactId><version>1</version>"
        f"<dependencies>{dependencies}</dependencies></project>\n"
    )
