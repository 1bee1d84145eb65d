"""`freshet api` as a command: when it is ready, how it ends, and why it does not start."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from freshet.local import LocalStack


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


@pytest.mark.parametrize(
    ("host", "why"),
    [
        (
            "127.0.0.1",
            "port {port} of 127.0.0.1 is taken by another program; stop it, or choose another port",
        ),
        ("192.0.2.1", "cannot listen at 192.0.2.1 port {port}: "),  # an address of no machine
    ],
)
def test_it_says_why_it_cannot_listen(host: str, why: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "freshet.cli",
            "api",
            "--set",
            f"api.port={port}",
            "--set",
            f"api.host={host}",
        ]

        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode != 0
    assert why.format(port=port) in ended.stderr
    assert "Traceback" not in ended.stderr
