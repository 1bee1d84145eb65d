"""The heads in Redis: what they have learned, and their place in the examples log."""

import msgspec

from freshet.contract.progress import Progress, pack_progress, unpack_progress
from freshet.contract.torn import TornState, decoded

VERSION = 1

_decoder = msgspec.msgpack.Decoder(tuple[bytes, bytes])


def pack_heads(heads: bytes, progress: Progress) -> bytes:
    """One key holds weights (online_model's Heads.dump()) and watermark together: they cannot come apart."""
    return bytes([VERSION]) + msgspec.msgpack.encode([heads, pack_progress(progress)])


def unpack_heads(data: bytes | None) -> tuple[bytes, Progress] | None:
    """(heads, progress) that `pack_heads` wrote; None where there is nothing. TornState for another version or damaged
    bytes.
    """
    if data is None:
        return None
    if data[:1] != bytes([VERSION]):
        raise TornState(f"heads of version {data[:1].hex() or 'none'}; this build reads version {VERSION}")
    heads, progress = decoded("the heads' state", _decoder, data)
    return heads, unpack_progress(progress)
