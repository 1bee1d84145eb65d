"""One child process, its port and its program, without a broker."""

import subprocess
import sys

import pytest

from freshet.local import StackError, ports
from freshet.local.redis import find_redis
from freshet.local.server import LOG_LIMIT_BYTES, Server


def python(name: str, code: str, tmp_path) -> Server:
    return Server(name, tmp_path / "logs" / f"{name}.log", [sys.executable, "-c", code])


def test_a_server_tells_how_it_ended(tmp_path):
    sleeper = python("sleeper", "import time; time.sleep(60)", tmp_path)
    assert (sleeper.pid, sleeper.exit_code, sleeper.running) == (None, None, False)

    sleeper.start()
    first = sleeper.pid
    sleeper.start()  # runs already: nothing happens
    assert (sleeper.pid, sleeper.exit_code, sleeper.running) == (first, None, True)

    sleeper.stop()
    assert (sleeper.pid, sleeper.exit_code, sleeper.running) == (first, -15, False)


def test_kill_ends_a_servers_children_too(tmp_path, lives, until):
    code = "import subprocess as s; c = s.Popen(['sleep', '60']); print(c.pid, flush=True); c.wait()"
    parent = python("parent", code, tmp_path)
    parent.is_ready = lambda: parent.log.read_text().endswith("\n")
    parent.start()
    child = int(parent.log.read_text())
    assert lives(child)

    parent.kill()

    until(lambda: not lives(child))


def test_a_server_that_ends_before_it_is_ready_is_quoted(tmp_path):
    broken = python("broken", "raise SystemExit('no such luck')", tmp_path)
    broken.is_ready = lambda: False

    with pytest.raises(StackError, match=r"broken ended with 1 while starting\. The end of .*\nno such luck"):
        broken.start()


def test_a_long_log_is_set_aside_at_the_next_start(tmp_path):
    server = python("talker", "print('new')", tmp_path)
    server.log.parent.mkdir()
    server.log.write_bytes(b"x" * (LOG_LIMIT_BYTES + 1))

    server.is_ready = lambda: server.exit_code == 0
    server.start()

    assert server.log.read_text() == "new\n"
    assert (tmp_path / "logs" / "talker.log.1").stat().st_size == LOG_LIMIT_BYTES + 1


def test_free_ports_are_out_of_the_way_of_outgoing_connections():
    port = ports.free_port()

    assert port in ports.RANGE
    assert ports.is_free(port)
    assert not ports.accepts(port)


def test_without_redis_on_the_path_the_packaged_one_is_taken_and_runs():
    version = subprocess.run([find_redis({"PATH": ""}), "--version"], capture_output=True, text=True)

    assert version.stdout.startswith("Redis server v=")
