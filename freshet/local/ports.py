"""Loopback ports: find free ones, and say who has a taken one."""

import errno
import random
import socket

from freshet.local.errors import StackError
from freshet.local.holders import port_holder

LOOPBACK = "127.0.0.1"
# Below the kernel's range for outgoing connections (32768 up on Linux): while a server is down for a moment,
# a client that keeps trying to reach it could otherwise be given the server's own port and keep it.
RANGE = range(15_000, 30_000)


def free_port() -> int:
    """A port that nobody listens on now."""
    while not is_free(port := random.choice(RANGE)):  # noqa: S311
        pass
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1; OSError when the port is not one to be had."""
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: closed connections don't count
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def check_free(port: int, *, wanted_by: str) -> None:
    """StackError, naming the holder, when the port is taken."""
    if not is_free(port):
        raise StackError(
            f"Port {port}, wanted by {wanted_by}, is taken by {port_holder(port)}. "
            "Stop that program or choose another port."
        )


def accepts(port: int) -> bool:
    """Whether a server accepts connections on this port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
