"""The heads in Redis: what they have learned, and their place in the examples log."""

import msgspec

from freshet.contract.progress import Progress, pack_progress, unpack_progress

VERSION = 1


def pack_heads(heads: bytes, progress: Progress) -> bytes:
    """One key holds weights (online_model's Heads.dump()) and watermark together: they cannot come apart."""
    return bytes([VERSION]) + msgspec.msgpack.encode([heads, pack_progress(progress)])


def unpack_heads(data: bytes | None) -> tuple[bytes, Progress] | None:
    """(heads, progress) that `pack_heads` wrote; None where there is nothing or another version."""
    if not data or data[0] != VERSION:
        return None
    heads, progress = msgspec.msgpack.decode(memoryview(data)[1:], type=tuple[bytes, bytes])
    return heads, unpack_progress(progress)
