"""The examples log: what the learner learns from and the refresh trains on, many examples to a message."""

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from freshet.contract.torn import UNREADABLE, decoded
from online_model.example import Example

VERSION = 1
MESSAGE_EXAMPLES = 200  # about 500 kB before compression: half of the broker's limit of 1 MB a message

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Example])


def pack_examples(examples: Sequence[Example]) -> bytes:
    """One message's value. The broker's client compresses it."""
    return bytes([VERSION]) + _encoder.encode(examples)


def unpack_examples(value: bytes) -> list[Example]:
    """What `pack_examples` wrote. ValueError for another version or damaged bytes: nothing is learned from them."""
    if not value or value[0] != VERSION:
        raise ValueError(
            f"an examples message of version {value[:1].hex() or 'none'}; this build reads version {VERSION}"
        )
    found: list[Example] = decoded("an examples message", _decoder, value)
    return found


def readable_examples(value: bytes | None) -> list[Example]:
    """The message's examples; none where it cannot be read, of which the learner tells."""
    with suppress(*UNREADABLE):
        return unpack_examples(value or b"")
    return []
