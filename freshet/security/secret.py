"""Values that must not be read where settings are shown, logged or raised."""

import re
from pathlib import Path

MASK = "***"


class Secret:
    """A text that shows itself as *** everywhere but in `reveal()`.

    >>> Secret("swordfish"), str(Secret("swordfish")), Secret("swordfish").reveal()
    (Secret(***), '***', 'swordfish')
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return MASK if self._text else ""

    def __repr__(self) -> str:
        return f"Secret({self})"


def secret_of(given: Secret, file: str) -> str:
    """The secret itself: as given, or the first line of a file, or "". OSError where the file cannot be read."""
    if given or not file:
        return given.reveal()
    return Path(file).read_text().partition("\n")[0].strip()


def without_password(address: str) -> str:
    """An address with its password hidden.

    >>> without_password("redis://shop:secret@host:6379/0")
    'redis://shop:***@host:6379/0'
    """
    return re.sub(r"(://[^:/@]*):[^@]*@", rf"\1:{MASK}@", address)
