"""One child process: started on a leash, watched until it is ready, stopped politely or not."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from freshet.local import leash
from freshet.local.errors import StackError

START_TIMEOUT_S = (
    180  # the broker takes 2 to 6 s; a worker that compiles its kernels for the first time 30 s of a core
)
STOP_TIMEOUT_S = 10  # the broker takes 0.5 s
POLL_S = 0.02
LOG_LIMIT_BYTES = (
    10_000_000  # a longer log is set aside at the next start, replacing the one set aside before
)
TAIL_LINES = 15

# The kernel acts when the *thread* that forked ends, so one thread that lives as long as we do forks all.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="freshet-spawner")


class Server:
    """A command that runs until it is told to stop; its output goes to a log file.

    death_signal: what it gets when this process dies without stopping it.
    """

    def __init__(
        self, name: str, log: Path, command: list[str], *, death_signal: signal.Signals = signal.SIGTERM
    ) -> None:
        self.name, self.log, self.command, self.death_signal = name, log, command, death_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the last start; None before the first."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """Of the last start; None while it runs. Minus the signal's number when a signal ended it."""
        return self._process.poll() if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait until ready; does nothing when it runs already. StackError when it ends first."""
        if self.running:
            return
        self.prepare()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        self._process = _spawner.submit(self._spawn).result()
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ask it to end (SIGTERM), and make it (SIGKILL) after STOP_TIMEOUT_S."""
        if self._process and self.running:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once, and its children with it, as a crash would."""
        if self._process and self.running:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def prepare(self) -> None:
        """What must be right before each start, `command` included; StackError otherwise."""

    def is_ready(self) -> bool:
        """Whether it does its work; asked every POLL_S after a start."""
        return True

    def _spawn(self) -> subprocess.Popen[bytes]:
        held = [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), str(int(self.death_signal))]
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                held + self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in a terminal reaches us alone, and we stop them in order
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_ready():
            if not self.running:
                raise StackError(
                    f"{self.name} ended with {self.exit_code} while starting. {self._last_words()}"
                )
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} was not ready after {START_TIMEOUT_S} s. {self._last_words()}")
            time.sleep(POLL_S)

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join([f"The end of {self.log}:", *lines])
