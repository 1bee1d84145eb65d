"""Stored bytes that are not what a writer of ours left: cut short, damaged, or somebody else's."""

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import msgspec

T = TypeVar("T")
log = logging.getLogger(__name__)

QUIET_S = 1.0  # a kind of state is told of at most this often: after a change of version all of it is torn
REBUILD = "`freshet rebuild` makes all state anew from the log"
UNREADABLE = (ValueError, msgspec.DecodeError)
"""What readers of stored bytes raise: TornState and UnicodeDecodeError are ValueErrors."""


class TornState(ValueError):
    """State that cannot be read. Its text says what it should have been, and where it stops being that."""


class Decoder(Protocol):
    def decode(self, data: Any, /) -> Any: ...


def decoded(what: str, decoder: Decoder, data: bytes) -> Any:
    """What the decoder makes of the bytes after the version byte; TornState where it can make nothing of them."""
    try:
        return decoder.decode(memoryview(data)[1:])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TornState(f"{what} of {len(data):,} bytes is damaged: {error}") from None


class Salvage:
    """Stored values, read as far as they can be: one that is torn counts as not there, and is told of and counted.

    count: called with what it is, such as "profile".
    """

    def __init__(self, count: Callable[[str], None]) -> None:
        self._count = count
        self._quiet_until: dict[str, float] = {}

    def read(self, what: str, name: str, reader: Callable[[], T], remedy: str = REBUILD) -> T | None:
        """What `reader` makes of the value, or None. name: whose it is; remedy: what to do about it, for the log."""
        try:
            return reader()
        except UNREADABLE as error:
            self.tell(what, name, str(error), remedy)
            return None

    def tell(self, what: str, name: str, why: str, remedy: str = REBUILD) -> None:
        """Count one that is torn."""
        self._count(what)
        if time.monotonic() >= self._quiet_until.get(what, 0.0):
            self._quiet_until[what] = time.monotonic() + QUIET_S
            log.error("the stored %s of %s counts as not there: %s. %s", what, name, why, remedy)
