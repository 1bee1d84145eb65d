"""Stored bytes that are not what a writer of ours left: cut short, damaged, or somebody else's."""

from typing import Any, Protocol

import msgspec


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
