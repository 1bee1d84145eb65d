"""An example: one choice as it stood when it was made, everything the learner needs and nothing else."""

import msgspec
import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.candidates.pool import Tables
from online_model.encoder_columns import width

PAST = np.dtype([("item", "<u4"), ("category", "<u4"), ("kind", "u1"), ("age_s", "<f4")])  # 13 bytes, packed
PAST_ITEMS = 50  # the encoder's view of a shopper; longer ones gave it nothing on any data set tried


class Example(msgspec.Struct, array_like=True, frozen=True):
    """Row 0 is the chosen item (of impressions: the first one shown), the others are its rivals.

    topic, partition, offset: the event it came from. ts: that event's time, ms. version: encoder/heads that
    ranked. items, categories: u32[n], low halves of stable keys (0: unknown). features: f16[n, width], before
    the event. labels: i8[n, tasks], 1, 0 or −1 (the task does not apply). odds: f32[n], of each row to be here.
    in_candidates: whether row 0 was among the candidates. history: PAST[≤50], newest first, before the event.
    """

    topic: int
    partition: int
    offset: int
    ts: int
    version: str
    items: bytes
    categories: bytes
    features: bytes
    labels: bytes
    odds: bytes
    in_candidates: bool
    history: bytes


def unpack_example(
    example: Example,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int8]]:
    """features f32[n, width], odds f32[n], labels i8[n, tasks]."""
    n = len(example.odds) // 4
    odds = np.frombuffer(example.odds, "<f4")
    labels = np.frombuffer(example.labels, np.int8).reshape(n, -1)
    x = np.frombuffer(example.features, "<f2").reshape(n, -1)
    wanted = width(labels.shape[1])
    if x.shape[1] != wanted:
        raise ValueError(f"example has {x.shape[1]} features, wanted {wanted}: begin a new examples topic")
    return x.astype(np.float32), odds, labels


@njit(cache=True, nogil=True)
def name_rows(
    items: NDArray[np.int32],
    tables: Tables,
    category_keys: NDArray[np.uint64],
    names: NDArray[np.uint32],  # [2, n]: items, categories
) -> None:
    """The rows' items and categories as the low halves of their stable keys."""
    for i in range(len(items)):
        category = tables.stats[items[i]].category
        names[0, i] = tables.keys[items[i]] & np.uint64(0xFFFFFFFF)
        names[1, i] = category_keys[category] & np.uint64(0xFFFFFFFF) if category >= 0 else np.uint64(0)


@njit(cache=True, nogil=True)
def recall_past(
    history: NDArray[np.void],
    size: int,
    tables: Tables,
    category_keys: NDArray[np.uint64],
    now_ms: int,
    past: NDArray[np.void],
) -> None:
    """Fill past, PAST[size], from the newest `size` entries."""
    for i in range(size):
        entry = history[i]
        category = tables.stats[entry.item].category
        past[i].item = entry.key & np.uint64(0xFFFFFFFF)
        past[i].category = category_keys[category] & np.uint64(0xFFFFFFFF) if category >= 0 else np.uint64(0)
        past[i].kind = entry.kind
        past[i].age_s = max(now_ms - entry.last_ts, 0) / 1000.0
