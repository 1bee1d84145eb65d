"""Who holds a port or a locked file? For error messages: Linux tells in /proc, elsewhere it stays unknown."""

from pathlib import Path

UNKNOWN = "another program"
LISTEN = "0A"  # the state column of /proc/net/tcp


def port_holder(port: int) -> str:
    """The program that listens on a TCP port, such as "java (pid 123)"."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) in sockets:
                return _program(link.parts[2])
        except OSError:  # the process has gone, or is another user's
            continue
    return UNKNOWN


def lock_holder(path: Path) -> str:
    """The program that holds a lock on a file, such as "java (pid 123)"."""
    inode = f":{path.stat().st_ino}"
    try:
        locks = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return UNKNOWN
    for fields in map(str.split, locks):  # 1: POSIX ADVISORY WRITE pid major:minor:inode start end
        if fields[1] != "->" and fields[5].endswith(inode):
            return _program(fields[4])
    return UNKNOWN


def _listening(port: int) -> list[str]:
    """Inodes of the sockets that listen on a port, on any address."""
    inodes = []
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            for fields in map(str.split, table.read_text().splitlines()[1:]):
                if fields[1].endswith(f":{port:04X}") and fields[3] == LISTEN:
                    inodes.append(fields[9])
    return inodes


def _program(pid: str) -> str:
    try:
        return f"{Path('/proc', pid, 'comm').read_text().strip()} (pid {pid})"
    except OSError:
        return f"pid {pid}"
