"""Text files, plain or gzip, a line at a time, so that their size does not matter."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

GZIP_MAGIC = b"\x1f\x8b"


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """(line number from 1, line without its end). Gzip is known by its first bytes, not by its name.

    Blank lines are passed over but counted. Bytes that are not UTF-8 become U+FFFD. OSError as `open` has it.
    """
    with path.open("rb") as file:
        zipped = file.peek(2)[:2] == GZIP_MAGIC
        binary = gzip.GzipFile(fileobj=file) if zipped else file
        with io.TextIOWrapper(binary, encoding="utf-8-sig", errors="replace") as text:
            for number, line in enumerate(text, 1):
                if not line.isspace():
                    yield number, line.rstrip("\r\n")
