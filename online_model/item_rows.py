"""One item's row as bytes: all that was learned about it, free of local indices."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from online_model.tables import HEATS

VERSION = 4
COPIED = (
    "clicks",
    "carts",
    "purchases",
    "ratings",
    "rating_cents",
    "again",
    "shown",
    "first_ts",
    "last_ts",
    "row_ts",
    "neighbours",
)
_HEAD = np.dtype(
    [
        ("version", "u1"),
        ("clicks", "<i4"),
        ("carts", "<i4"),
        ("purchases", "<i4"),
        ("ratings", "<i4"),
        ("rating_cents", "<i8"),
        ("again", "<i4"),
        ("shown", "<i4"),
        ("first_ts", "<i8"),
        ("last_ts", "<i8"),
        ("row_ts", "<i8"),
        ("neighbours", "<u2"),
        ("heat", "<f8", (HEATS,)),
    ]
)


class Row(NamedTuple):
    """stats: a STATS record, of which COPIED counts. weights: float32[3, n], forward, backward, next of each name."""

    stats: np.void
    heat: NDArray[np.float64]
    names: list[bytes]
    weights: NDArray[np.float32]


def pack_row(row: Row) -> bytes:
    """Head, lengths of the names, weights, names."""
    head = np.zeros((), _HEAD)
    head["version"], head["heat"] = VERSION, row.heat
    for name in COPIED:
        head[name] = row.stats[name]
    lengths = np.array([len(name) for name in row.names], "<u2")
    return head.tobytes() + lengths.tobytes() + row.weights.astype("<f4").tobytes() + b"".join(row.names)


def unpack_row(data: bytes) -> Row:
    """The row that was packed, with the head as its stats. ValueError for another version or damaged bytes."""
    if data[:1] != bytes([VERSION]):
        raise ValueError(
            f"item row has version {data[0] if data else 'none'}, wanted {VERSION}: rebuild the item rows"
        )
    if len(data) < _HEAD.itemsize:
        raise ValueError(f"item row of {len(data)} bytes is cut short")
    head = np.frombuffer(data, _HEAD, 1)[0]
    n, at = int(head["neighbours"]), _HEAD.itemsize
    lengths = np.frombuffer(data, "<u2", n, at)
    weights = np.frombuffer(data, "<f4", 3 * n, at + 2 * n).reshape(3, n)
    at += 14 * n
    ends = at + np.cumsum(lengths, dtype=np.int64)
    if (int(ends[-1]) if n else at) != len(data):
        raise ValueError(f"item row of {len(data)} bytes is damaged: its names have another length")
    names = [data[end - length : end] for end, length in zip(ends.tolist(), lengths.tolist(), strict=True)]
    return Row(head, head["heat"], names, weights)
