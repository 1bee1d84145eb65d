"""Compiled functions that numba stored before the newest change of this package are thrown away.

numba compiles a function anew when its own file changes, not when a constant or a function that it took from another
file does: after an edit of features.py it would go on with the old width, silently. So whatever was compiled before
the newest source file is removed when the package is imported; 60 files take 1 ms to look at.
"""

import contextlib
from pathlib import Path


def forget_stale_code(package: Path) -> int:
    """Remove stored code older than the newest source of a package's folder; how many files went.

    A folder that may not be written to is left alone: nobody edits there.
    """
    newest = max(source.stat().st_mtime for source in package.rglob("*.py"))
    gone = 0
    with contextlib.suppress(OSError):
        for stored in package.rglob("*.nbc"):
            if stored.stat().st_mtime < newest:
                stored.unlink(missing_ok=True)
                gone += 1
    return gone


forget_stale_code(Path(__file__).parent)  # on import, by online_model/__init__.py before anything compiled
