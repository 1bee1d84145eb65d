"""Run a command that does not outlive the process which asked for it: python leash.py PID SIGNAL COMMAND…

On Linux the kernel sends SIGNAL (a number) to the command as soon as the asking process, PID, is gone, by
kill -9 too. Elsewhere the command is run without this. The file is run by its path, without site-packages,
so it imports nothing of ours and costs 30 ms.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h; it outlives exec


def main(parent: int, death_signal: int, command: list[str]) -> None:
    """Become `command`. Ends with status 1 when the parent died before the leash was on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
