"""How far a fold of a log has come: the next offset, and the newest source counted of each user partition.

A worker that died may have sent the same example or signal twice. Within one source partition they are sent in
the order of its offsets, so the newest one seen tells old from new: a source at or below it is counted already.
Of examples, of which one event may make several, the ordinal stands for the offset.
"""

import msgspec

from freshet.contract.torn import TornState, decoded

VERSION = 1

_decoder = msgspec.msgpack.Decoder(tuple[int, list[tuple[int, int, int]]])


class Progress(msgspec.Struct, array_like=True):
    """next_offset: where to read on. sources: (user topic, partition) → newest source offset counted."""

    next_offset: int = 0
    sources: dict[tuple[int, int], int] = msgspec.field(default_factory=dict)

    def is_new(self, topic: int, partition: int, offset: int) -> bool:
        """Whether this source has not been counted; counts it.

        >>> progress = Progress()
        >>> progress.is_new(0, 1, 7), progress.is_new(0, 1, 7), progress.is_new(0, 1, 8), progress.is_new(2, 1, 7)
        (True, False, True, True)
        """
        if offset <= self.sources.get((topic, partition), -1):
            return False
        self.sources[topic, partition] = offset
        return True


def pack_progress(progress: Progress) -> bytes:
    flat = [[topic, partition, offset] for (topic, partition), offset in sorted(progress.sources.items())]
    return bytes([VERSION]) + msgspec.msgpack.encode([progress.next_offset, flat])


def unpack_progress(data: bytes | None) -> Progress:
    """What `pack_progress` wrote; the beginning of the log where there is nothing. TornState for another version or
    damaged bytes.
    """
    if data is None:
        return Progress()
    if data[:1] != bytes([VERSION]):
        raise TornState(
            f"a watermark of version {data[:1].hex() or 'none'}; this program reads version {VERSION}"
        )
    next_offset, flat = decoded("a watermark", _decoder, data)
    return Progress(next_offset, {(topic, partition): offset for topic, partition, offset in flat})
