"""The process behind `freshet up`: python -m freshet.local.supervisor OPTIONS (the JSON of `daemon.up`).

It leaves the process that started it, holds the stack and the extra processes until SIGTERM, and keeps
stack.json true. What it starts ends with it, however it ends.
"""

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from freshet.local.daemon import LOCK, READY, STATE
from freshet.local.errors import StackError
from freshet.local.server import Server
from freshet.local.stack import LocalStack

LOOK_S = 1.0  # how often it looks whether a process has ended
LOCK_TRIES = 20  # 50 ms apart: `status` holds the lock for an instant when it asks


def main(options: dict[str, Any]) -> None:
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        supervise(Path(options["data_dir"]), options["kafka_port"], options["redis_port"], options["extra"])
    except StackError as error:
        _tell(str(error))
        sys.exit(1)


def supervise(
    data_dir: Path, kafka_port: int, redis_port: int, extra: Sequence[tuple[str, Sequence[str]]]
) -> None:
    """Run the stack and the extra processes until an exception, such as SIGTERM's SystemExit."""
    logs = data_dir / "logs"
    with _lock(data_dir / LOCK), ExitStack() as running:
        stack = LocalStack(data_dir, kafka_port=kafka_port, redis_port=redis_port)
        servers: list[Server] = [stack.kafka, stack.redis]
        _write_state(data_dir, stack, servers)
        running.callback((data_dir / STATE).unlink)
        running.enter_context(stack)
        for name, command in extra:
            server = Server(name, logs / f"{name}.log", list(command))
            running.callback(server.stop)
            server.start()
            servers.append(server)
        _write_state(data_dir, stack, servers)
        _tell(READY)
        while True:
            time.sleep(LOOK_S)
            _write_state(data_dir, stack, servers)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        for _ in range(LOCK_TRIES):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.05)
        else:
            raise StackError(f"A stack is already up on {path.parent}: run 'freshet down' first.")
        yield


def _write_state(data_dir: Path, stack: LocalStack, servers: Iterable[Server]) -> None:
    """Replace stack.json in one step, so that it is never seen half written."""
    processes = {
        server.name.lower(): {"pid": server.pid, "exit_code": server.exit_code, "log": str(server.log)}
        for server in servers
    }
    addresses = {"bootstrap_servers": stack.bootstrap_servers, "redis_url": stack.redis_url}
    text = json.dumps({"pid": os.getpid(), **addresses, "processes": processes}, indent=2)
    state, draft = data_dir / STATE, data_dir / f"{STATE}.new"
    if not state.exists() or state.read_text() != text:
        draft.write_text(text)
        draft.replace(state)


def _tell(message: str) -> None:
    """Say it to `up`, which waits for the end of our output. If it waits no more (Ctrl-C), we end too."""
    os.write(sys.stdout.fileno(), message.encode())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
