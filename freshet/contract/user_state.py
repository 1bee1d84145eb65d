"""A user's state in Redis: the profile, and how far each user topic, and the erasures, are reflected in it."""

import struct
from typing import NamedTuple

from freshet.contract.topics import USER_TOPICS
from freshet.contract.torn import TornState

VERSION = 2
_HEADER = struct.Struct(f"<B{len(USER_TOPICS)}qq")
_BEFORE_ERASURES = struct.Struct(f"<B{len(USER_TOPICS)}q")  # version 1


class StoredUser(NamedTuple):
    """marks: for each of USER_TOPICS the newest offset applied, −1 for none. erased: the newest erasure's, likewise."""

    marks: list[int]
    profile: bytes
    erased: int = -1


def pack_user_state(marks: list[int], profile: bytes, erased: int = -1) -> bytes:
    return _HEADER.pack(VERSION, *marks, erased) + profile


def unpack_user_state(data: bytes | None) -> StoredUser | None:
    """What `pack_user_state` wrote, now or as version 1; None where there is nothing. TornState for another version,
    and where not even the marks are whole.
    """
    if data is None:
        return None
    if not data:
        raise TornState("a profile of no bytes")
    if data[0] == 1 and len(data) >= _BEFORE_ERASURES.size:
        return StoredUser(list(_BEFORE_ERASURES.unpack_from(data)[1:]), data[_BEFORE_ERASURES.size :])
    if data[0] != VERSION or len(data) < _HEADER.size:
        raise TornState(
            f"a profile of {len(data):,} bytes, version {data[0]}; this build reads version {VERSION}"
        )
    _, *marks, erased = _HEADER.unpack_from(data)
    return StoredUser(marks, data[_HEADER.size :], erased)
