"""Unsigned integers in as few bytes as each needs: seven bits a byte, low ones first (LEB128)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def _pack(numbers: NDArray[np.uint64], out: NDArray[np.uint8]) -> int:
    at = 0
    for number in numbers:
        while number >= np.uint64(128):
            out[at] = np.uint8(number & np.uint64(127)) | np.uint8(128)
            number >>= np.uint64(7)
            at += 1
        out[at] = np.uint8(number)
        at += 1
    return at


@njit(cache=True)
def _unpack(data: NDArray[np.uint8], numbers: NDArray[np.uint64]) -> int:
    at = 0
    for i in range(len(numbers)):
        number, shift = np.uint64(0), np.uint64(0)
        while True:
            byte = np.uint64(data[at])
            at += 1
            number |= (byte & np.uint64(127)) << shift
            shift += np.uint64(7)
            if byte < np.uint64(128):
                break
        numbers[i] = number
    return at


def pack(numbers: NDArray[np.uint64]) -> bytes:
    """uint64[n] → bytes.

    >>> pack(np.array([1, 127, 128], np.uint64)).hex()
    '017f8001'
    """
    out = np.empty(10 * len(numbers), np.uint8)
    return out[: _pack(numbers, out)].tobytes()


def unpack(data: bytes, n: int, start: int = 0) -> tuple[NDArray[np.uint64], int]:
    """n numbers of data from start on, and where the next byte lies. ValueError when data is cut short."""
    stream = np.frombuffer(data, np.uint8)[start:]
    if np.count_nonzero(stream < 128) < n:
        raise ValueError(f"packed numbers are cut short: wanted {n} from byte {start} of {len(data)}")
    numbers = np.empty(n, np.uint64)
    return numbers, start + int(_unpack(stream, numbers))
