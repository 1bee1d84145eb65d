"""What docker-compose.yml starts, started here: commands, variables, health checks; on a real Kafka and Redis."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from deploy.compose import COMPOSE, checked_address
from deploy.dockerfile import health_check, stages

from freshet.local import LocalStack
from freshet.local.ports import free_port
from freshet.security.api_keys import new_key, write_keys
from freshet.settings import load

ROOT = Path(__file__).parents[2]
STAGES = stages((ROOT / "Dockerfile").read_text())
START_S = 120  # the start_period of the compose file: numba may have everything to compile


@pytest.mark.parametrize("name", ["worker", "refresh", "api"])
def test_a_process_becomes_healthy(
    name: str, stack: LocalStack, redis_url: str, fresh_prefix: str, tmp_path: Path
) -> None:
    service = COMPOSE["services"][name]
    port, path = checked_address(load(env=service["environment"]), name)
    here = free_port()
    keys = tmp_path / "api-keys.json"
    write_keys(keys, [new_key("shop", ["read"])[1]])
    section = f"FRESHET_{name.upper()}__"
    variables = {
        **service["environment"],
        "FRESHET_KAFKA__BOOTSTRAP": stack.bootstrap_servers,
        "FRESHET_KAFKA__PREFIX": fresh_prefix,
        "FRESHET_REDIS__URL": redis_url,
        "FRESHET_REFRESH__MODELS_DIR": str(tmp_path / "models"),
        "FRESHET_WORKER__WEB_PORT": str(free_port()),
        "FRESHET_API__KEYS_FILE": str(keys),
        section + ("PORT" if name == "api" else "METRICS_PORT"): str(here),
    }
    _, option, code = health_check(STAGES, service["build"]["target"])
    check = [sys.executable, option, code.replace(f":{port}{path}", f":{here}{path}")]

    def healthy() -> bool:
        return subprocess.run(check, capture_output=True, check=False).returncode == 0

    assert not healthy()  # before there is a process
    command = [sys.executable, "-m", "freshet.cli", *service["command"]]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(
            command, env={**os.environ, **variables}, cwd=tmp_path, stdout=log, stderr=log
        ) as process,
    ):
        try:
            deadline = time.monotonic() + START_S
            while not (ready := healthy()) and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.3)
        finally:
            process.terminate()
            process.wait(30)

    assert ready, (tmp_path / "log").read_text()
