"""The list a shopper gets: what the worker publishes and the lookup API answers from."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from freshet.contract.torn import TornState, decoded

VERSION = 1


class Published(msgspec.Struct, array_like=True, frozen=True):
    """The best items of one user, best blend first.

    event_ts, computed_ts: milliseconds; of the newest event it reflects, and of the scoring.
    p: float16, n × tasks in the settings' order: each task's probability, row after row.
    encoder: the version that scored; learned: examples its heads had seen.
    sources: one byte an item, the place of its generator in `generators`.
    cause: for each item the place + 1 in `causes` of the event's item that brought it, 0 for none.
    new: for each item 1 where it is a new one, if a share of the list is kept for these (model.new_floor).
    """

    event_ts: int
    computed_ts: int
    encoder: str
    learned: int
    items: list[str]
    p: bytes
    sources: bytes
    causes: list[str]
    cause: bytes
    new: bytes = b""

    def probabilities(self) -> NDArray[np.float16]:
        """(n, tasks)."""
        n = len(self.items)
        return np.frombuffer(self.p, np.float16).reshape(n, -1) if n else np.zeros((0, 0), np.float16)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Published)


def pack(published: Published) -> bytes:
    """Bytes for Redis; about 19 bytes an item with three tasks and ids of nine characters."""
    return bytes([VERSION]) + _encoder.encode(published)


def unpack(data: bytes | None) -> Published | None:
    """What `pack` wrote; None where there is nothing. TornState for another version or damaged bytes."""
    if data is None:
        return None
    if data[:1] != bytes([VERSION]):
        raise TornState(f"a list of version {data[:1].hex() or 'none'}; this build reads version {VERSION}")
    published: Published = decoded("a list", _decoder, data)
    n = len(published.items)
    whole = n == len(published.sources) == len(published.cause) and len(published.new) in (0, n)
    if not whole or (n and len(published.p) % (2 * n)):
        raise TornState(f"a list of {n} items has parts of other lengths")
    return published
