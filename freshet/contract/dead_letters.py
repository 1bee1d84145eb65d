"""A refused message in `freshet.dead-letters`: JSON that people can read, with the original bytes in base64."""

import msgspec


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """reason: a sentence. topic (without prefix), partition, offset: where it lay. key, value: the original bytes.

    refused_ms: when, milliseconds since the epoch."""

    reason: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    refused_ms: int


_decoder = msgspec.json.Decoder(DeadLetter)


def pack_dead_letter(letter: DeadLetter) -> bytes:
    return msgspec.json.encode(letter)


def unpack_dead_letter(value: bytes) -> DeadLetter:
    """What `pack_dead_letter` wrote; msgspec.ValidationError otherwise."""
    return _decoder.decode(value)
