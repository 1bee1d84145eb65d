"""`freshet api` as a command: when it is ready, how it ends, and why it does not start."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from freshet.cli import CommandError
from freshet.cli.api import check_free
from freshet.local import LocalStack
from freshet.settings import Api


def test_it_is_ready_when_a_worker_has_written(stack: LocalStack, tmp_path: Path, make_api: Any) -> None:
    with make_api(stack, tmp_path) as api:
        before = api.ask("/readyz")
        api.redis.hset(api.keys.tops(1), "", b"\x90")

        after = api.ask("/readyz")
        prefix = api.settings.redis.prefix
    assert (before.status, before.headers["retry-after"]) == (503, "1")
    assert before.json["detail"] == (
        f"Redis holds no model and no trends under the prefix {prefix!r}: no worker has learned yet "
        "(freshet worker), or redis.prefix differs"
    )
    assert (after.status, after.json) == (200, {"status": "ready", "encoder": "none"})
    assert api.service.exit_code == 0
    assert api.service.log.read_text() == f"lookups at http://127.0.0.1:{api.port}/, reference at /docs\n"


def test_a_taken_port_stops_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "freshet.cli", "api", "--set", f"api.port={port}"]

        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode != 0
    assert (
        f"port {port} of 127.0.0.1 is taken by another program; stop it, or choose another port: --set api.port=…"
    ) in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])  # an address of no machine
def test_a_host_that_is_not_ours_stops_the_start(host: str) -> None:
    with pytest.raises(
        CommandError, match=f"cannot listen at {host} port 8080: .*; see api.host and api.port"
    ):
        check_free(Api(host=host))
