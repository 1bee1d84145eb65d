"""`freshet api`: answer lookups over HTTP until told to stop (SIGTERM or Ctrl-C)."""

import argparse
import errno
import ipaddress
import socket
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from freshet.cli import CommandError
from freshet.security.api_keys import KeyFileError, read_keys
from freshet.security.connections import kafka_options, redis_options
from freshet.settings import Api, Settings
from serving.app import load
from serving.warm_up import warm_up

STOP_S = 5  # a worker that has not ended by then is killed; the longest answer waits for Kafka as long


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # nothing beyond --config and --set


def run(args: argparse.Namespace, settings: Settings) -> int:
    check_keys(settings.api)
    kafka_options(settings.kafka)  # what is missing of names and files stops the start
    redis_options(settings.redis)
    check_free(settings.api)
    warm_up(settings)  # once for all processes, and before SIGTERM is theirs to handle
    with tempfile.TemporaryDirectory(prefix="freshet-api-") as directory:
        server = Server(
            "serving.app",
            address=settings.api.host,
            port=settings.api.port,
            workers=settings.api.workers,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            websockets=False,
            log_enabled=False,
            workers_kill_timeout=STOP_S,
        )
        loader: Any = partial(load, settings, Path(directory))  # typed as if it were called with arguments
        server.on_startup(
            lambda: print(f"lookups at {address(settings.api)}, reference at /docs", flush=True)
        )
        server.serve(target_loader=loader, wrap_loader=False)
    return 0


def address(api: Api) -> str:
    """
    >>> address(Api(host="::1", port=8080))
    'http://[::1]:8080/'
    """
    host = f"[{api.host}]" if ":" in api.host else api.host
    return f"http://{host}:{api.port}/"


def check_keys(api: Api) -> None:
    """CommandError when anybody on the network could ask, or when no key would open."""
    if api.keys_file:
        try:
            keys = read_keys(Path(api.keys_file))
        except KeyFileError as error:
            raise CommandError(
                f"{error}; make the first key: freshet keys add --name shop --scopes read,events"
            ) from None
        if not keys:
            raise CommandError(
                f"{api.keys_file} holds no key, so every call would be refused; make one: "
                "freshet keys add --name shop --scopes read,events"
            )
    elif not is_loopback(api.host):
        raise CommandError(
            f"without API keys it listens on this machine only, and {api.host} is open to others: set api.keys_file "
            "and make a key (freshet keys add --name shop --scopes read,events), or use api.host=127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it: every address the name stands for.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("192.0.2.1")
    (True, True, False, False)
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(ipaddress.ip_address(str(address[4][0]).partition("%")[0]).is_loopback for address in found)


def check_free(api: Api) -> None:
    """CommandError when the address cannot be had. The server itself would share a port that another one has."""
    try:
        found = socket.getaddrinfo(api.host, api.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0]) as probe:
            probe.setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
            )  # as servers do: closed connections don't count
            probe.bind(found[4])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"port {api.port} of {api.host} is taken by another program; stop it, or choose another port: "
                "--set api.port=…"
            ) from None
        raise CommandError(
            f"cannot listen at {api.host} port {api.port}: {error.strerror}; see api.host and api.port"
        ) from None
