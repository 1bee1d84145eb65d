"""A local stack that stays up after the command which started it: up, down, status.

A detached supervisor (`freshet.local.supervisor`) holds the stack. While it lives it holds the lock of
data_dir/stack.lock, and data_dir/stack.json tells what runs.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from freshet.local.errors import StackError
from freshet.local.jars import kafka_jars
from freshet.local.server import STOP_TIMEOUT_S

LOCK, STATE = "stack.lock", "stack.json"
READY = "ready"  # what the supervisor tells `up`; anything else is an error's sentence


def up(
    data_dir: Path,
    kafka_port: int = 9092,
    redis_port: int = 6379,
    extra: Sequence[tuple[str, Sequence[str]]] = (),
) -> dict[str, Any]:
    """Start a stack that stays, and answer with its `status` once it is ready.

    extra: (name, command) of further processes, started in order after Kafka and Redis, stopped before them.
    Each logs to data_dir/logs/NAME.log. One that ends is not restarted: `status` tells its exit code.
    StackError when one runs already, or as `LocalStack`.
    """
    data_dir = data_dir.resolve()
    if status(data_dir)["running"]:
        raise StackError(f"A stack is already up on {data_dir}. To start anew, run 'freshet down' first.")
    kafka_jars(os.environ)  # here rather than in the supervisor: whoever waits sees that jars are fetched
    options = {"data_dir": str(data_dir), "kafka_port": kafka_port, "redis_port": redis_port}
    options["extra"] = [(name, list(command)) for name, command in extra]
    log = data_dir / "logs" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as log_file:
        launched = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "freshet.local.supervisor", json.dumps(options)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # closed when all is ready or nothing will be
            stderr=log_file,
            start_new_session=True,
        )
    told = launched.stdout.decode().strip()
    if told != READY:
        raise StackError(
            told or f"The stack's supervisor broke; {log} says: {log.read_text().strip()[-600:]}"
        )
    return status(data_dir)


def down(data_dir: Path) -> bool:
    """Stop the stack in order: extra processes, Kafka, Redis. False when none was up."""
    before = status(data_dir)
    if not before["running"]:
        return False
    os.kill(before["pid"], signal.SIGTERM)
    patience_s = STOP_TIMEOUT_S * (len(before["processes"]) + 1)
    for _ in range(patience_s * 20):
        if not status(data_dir)["running"]:
            return True
        time.sleep(0.05)
    os.kill(before["pid"], signal.SIGKILL)  # what it started ends with it
    return True


def status(data_dir: Path) -> dict[str, Any]:
    """What runs on a data folder.

    {"running": False}, or {"running": True, "pid", "bootstrap_servers", "redis_url",
    "processes": {name: {"pid", "exit_code": None while it runs, "log"}}}; at most 1 s old.
    """
    if not (_is_locked(data_dir / LOCK) and (data_dir / STATE).exists()):
        return {"running": False}
    state: dict[str, Any] = json.loads((data_dir / STATE).read_text())
    return {"running": True, **state}


def _is_locked(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
