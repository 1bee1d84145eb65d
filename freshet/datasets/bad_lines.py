"""Lines that cannot be read: reported by number, skipped, and an error when there are too many."""

from collections.abc import Callable

MOST = 100  # bad lines of one file; more say that the file is of another format
SHOWN_CHARACTERS = 120


class TooManyBadLines(ValueError):
    """The file does not look like its format; the text names the last line and why."""


class BadLines:
    """report: called with a sentence for each. most: so many are skipped, the next one raises TooManyBadLines."""

    def __init__(self, report: Callable[[str], None], most: int = MOST) -> None:
        self.count, self._report, self._most = 0, report, most

    def skip(self, number: int, line: str, reason: object) -> None:
        """Count a line that is left out."""
        self.count += 1
        shown = line if len(line) <= SHOWN_CHARACTERS else line[:SHOWN_CHARACTERS] + "…"
        sentence = f"line {number}: {reason}: {shown!r}"
        if self.count > self._most:
            raise TooManyBadLines(f"more than {self._most} lines cannot be read; the last: {sentence}")
        self._report(sentence)
