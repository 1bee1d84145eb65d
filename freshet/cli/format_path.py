"""FORMAT:PATH on the command line: a file, and how to read it."""

from pathlib import Path

from freshet.cli import CommandError
from freshet.datasets import FORMATS


def format_path(option: str, said: str) -> tuple[str, Path]:
    """Both parts; CommandError when there is no such format or file."""
    name, colon, path = said.partition(":")
    if not colon or not Path(path).exists():
        raise CommandError(
            f"{option} takes FORMAT:PATH of a file that exists, such as taobao:log.csv; got {said!r}"
        )
    if name not in FORMATS:
        raise CommandError(f"{option}: no format {name!r}; formats: {', '.join(FORMATS)}")
    return name, Path(path)
