"""Erasures: what keeps the log from bringing back a person who asked to be forgotten.

One message a person, keyed by the id, in a compacted topic beside the users' own: the worker that owns the person
reads both. It says how far each of the user topics is erased; what comes later counts anew.
"""

from typing import NamedTuple

import msgspec

from freshet.contract.topics import USER_TOPICS
from freshet.contract.torn import TornState, decoded

VERSION = 1


class Erasure(NamedTuple):
    """asked_ms: when, milliseconds since the epoch. ends: of each of USER_TOPICS the end of the person's partition
    at that time: events before it are erased.
    """

    asked_ms: int
    ends: list[int]

    def covers(self, topic: int, offset: int, sent_s: float) -> bool:
        """Whether an event is erased: it lay in its partition before, or was sent before and then sent on to it.

        topic: its place in USER_TOPICS. sent_s: its Kafka timestamp in seconds.

        >>> [Erasure(5_000, [8]).covers(0, offset, sent_s) for offset, sent_s in ((7, 9.0), (8, 9.0), (9, 4.0))]
        [True, False, True]
        """
        return offset < self.ends[topic] or sent_s * 1000 < self.asked_ms


_decoder = msgspec.msgpack.Decoder(Erasure)


def pack_erasure(erasure: Erasure) -> bytes:
    return bytes([VERSION]) + msgspec.msgpack.encode(erasure)


def unpack_erasure(value: bytes) -> Erasure:
    """What `pack_erasure` wrote; TornState for another version or damaged bytes."""
    if value[:1] != bytes([VERSION]):
        raise TornState(
            f"an erasure of version {value[:1].hex() or 'none'}; this build reads version {VERSION}"
        )
    erasure: Erasure = decoded("an erasure", _decoder, value)
    if len(erasure.ends) != len(USER_TOPICS):
        raise TornState(f"an erasure of {len(erasure.ends)} topics; there are {len(USER_TOPICS)}")
    return erasure
