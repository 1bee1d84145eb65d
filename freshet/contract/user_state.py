"""A user's state in Redis: the profile, and the newest offset of each user topic that it reflects."""

import struct

from freshet.contract.topics import USER_TOPICS

VERSION = 1
_HEADER = struct.Struct(f"<B{len(USER_TOPICS)}q")


def pack_user_state(marks: list[int], profile: bytes) -> bytes:
    """marks: for each of USER_TOPICS the newest offset applied, −1 for none."""
    return _HEADER.pack(VERSION, *marks) + profile


def unpack_user_state(data: bytes | None) -> tuple[list[int], bytes] | None:
    """(marks, profile) that `pack_user_state` wrote; None where there is nothing or another version."""
    if not data or data[0] != VERSION or len(data) < _HEADER.size:
        return None
    return list(_HEADER.unpack_from(data)[1:]), data[_HEADER.size :]
