"""The item signals: what a user's event says about items, sent to the owners of the items' partitions.

The same signal goes to every partition that owns one of its items; each owner applies its own rows only.
"""

from collections.abc import Sequence

import msgspec

from freshet.contract.torn import decoded
from online_model.actions import Step

VERSION = 1
SEGMENTS_PARTITION = 0  # its owner sees every signal, and folds them into the shopper segments


class Signal(msgspec.Struct, array_like=True, frozen=True):
    """A step and the event it came from (topic: place in USER_TOPICS), so that none counts twice."""

    topic: int
    partition: int
    offset: int
    step: Step

    def items(self) -> list[str]:
        """The items whose rows it may change."""
        step = self.step
        return [*step.shown, *([step.item] if step.item else []), *(item for item, _ in step.previous)]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Signal])


def pack_signals(signals: Sequence[Signal]) -> bytes:
    return bytes([VERSION]) + _encoder.encode(signals)


def unpack_signals(value: bytes) -> list[Signal]:
    """What `pack_signals` wrote. ValueError for another version or damaged bytes."""
    if not value or value[0] != VERSION:
        raise ValueError(
            f"a signals message of version {value[:1].hex() or 'none'}; this build reads version {VERSION}"
        )
    found: list[Signal] = decoded("a signals message", _decoder, value)
    return found
