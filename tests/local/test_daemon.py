"""The stack that stays up: `up`, `status`, `down`."""

import os
import signal
import socket
import sys

import pytest

from freshet.local import StackError, daemon, ports

SLEEP = [sys.executable, "-c", "import time; time.sleep(300)"]
END = [sys.executable, "-c", "raise SystemExit(3)"]


@pytest.fixture
def data_dir(tmp_path):
    yield tmp_path
    daemon.down(tmp_path)


def up(data_dir, **options):
    return daemon.up(data_dir, ports.free_port(), ports.free_port(), **options)


def test_up_stays_says_what_runs_and_what_ended_and_down_ends_it_all(data_dir, lives, until):
    assert daemon.status(data_dir) == {"running": False}
    assert not daemon.down(data_dir)

    told = up(data_dir, extra=[("sleeper", SLEEP), ("ender", END)])
    pids = [told["pid"], *(process["pid"] for process in told["processes"].values())]
    assert list(told["processes"]) == ["kafka", "redis", "sleeper", "ender"]
    assert ports.accepts(int(told["bootstrap_servers"].split(":")[1]))

    with pytest.raises(StackError, match=r"already up.*freshet down"):
        up(data_dir)
    until(lambda: daemon.status(data_dir)["processes"]["ender"]["exit_code"] == 3)
    assert daemon.status(data_dir)["processes"]["sleeper"]["exit_code"] is None

    assert daemon.down(data_dir)
    assert daemon.status(data_dir) == {"running": False}
    until(lambda: not any(map(lives, pids)))


def test_nothing_is_left_when_the_supervisor_is_killed_and_up_works_again(data_dir, lives, until):
    told = up(data_dir, extra=[("sleeper", SLEEP)])
    pids = [process["pid"] for process in told["processes"].values()]

    os.kill(told["pid"], signal.SIGKILL)

    until(lambda: not any(map(lives, pids)))
    assert daemon.status(data_dir) == {"running": False}
    assert up(data_dir)["running"]


def test_what_hinders_the_stack_is_told_to_who_asked_for_it(data_dir):
    port = ports.free_port()
    with (
        socket.create_server((ports.LOOPBACK, port)),
        pytest.raises(StackError, match=f"Port {port}, wanted"),
    ):
        daemon.up(data_dir, port, ports.free_port())

    assert daemon.status(data_dir) == {"running": False}
