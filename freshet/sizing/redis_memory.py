"""What Redis takes for a string beyond its bytes: allocator's classes, object, entries of its hash tables."""

OBJECT, ENTRY = 16, 24  # bytes: robj; dictEntry (Redis 6 and 7)
SLOTS = 12  # of 8 bytes, between one and two for each key: tables double


def in_redis(key: int, value: int, *, expires: bool) -> int:
    """Bytes of used_memory for one key. key, value: their lengths.

    >>> in_redis(20, 4_000, expires=True)
    4216
    """
    entries = (ENTRY + SLOTS) * (2 if expires else 1)
    return _allocated(_sds(key)) + _allocated(_sds(value)) + OBJECT + entries


def _sds(length: int) -> int:
    """A string with its header and its end."""
    return length + (2 if length < 32 else 4 if length < 256 else 6)


def _allocated(size: int) -> int:
    """jemalloc's class: steps of 16 up to 128, then four to each doubling."""
    if size <= 128:
        return -(-size // 16) * 16
    step = 1 << ((size - 1).bit_length() - 3)
    return -(-size // step) * step
