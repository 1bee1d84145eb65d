"""An example: one choice as it stood when it was made, everything the learner needs and nothing else."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from online_model.context import CONTEXT
from online_model.encoder_columns import width
from online_model.half import from_half
from online_model.records import record

PAST = record(  # 13 bytes, packed
    [("item", "<u4"), ("category", "<u4"), ("kind", "u1"), ("age_s", "<f4")], align=False
)
PAST_ITEMS = 50  # the encoder's view of a shopper; longer ones gave it nothing on any data set tried
WORD = 0xFFFF_FFFF  # the category of an entry that is a word searched for; its item is the hashed word
PARTS = 128  # at most so many examples come of one event: each open row may be told of twice
CHOICE, SHOWN, LATE, VALUE = range(4)  # what an example tells
MISS, HIT, LATE_HIT, FINAL_MISS = range(4)  # labels; below 0: the task takes no part
WHOLE = 100  # label of a VALUE at the end of its range


class Example(msgspec.Struct, array_like=True, frozen=True):
    """What one event teaches, by `kind`:

    CHOICE  row 0 was chosen, the others are rivals that were not.
    SHOWN   the rows are a page; a MISS may yet be corrected.
    LATE    labels that have come, or that have been waited for, of rows shown earlier: LATE_HIT after the row was
            told to be a MISS, FINAL_MISS when it will not be one any more (late.py).
    VALUE   row 0 got this value (a rating).

    topic, partition, offset: the event it came from; part: its number among the examples of that event, < PARTS.
    ts: that event's time, ms. version: encoder/heads that ranked. items, categories: u32[n], low halves of stable
    keys (0: unknown). features: f16[width, n], as they were before the choice; a feature after the other packs a
    sixth smaller; all but a CHOICE have the CONTEXT columns too. labels: i8[n, tasks]; of a
    regression the place in its range, 0 … WHOLE. odds: f32[n], of each row to be here. in_candidates:
    whether row 0 of a choice was among the candidates. history: PAST[≤56], before the event: items, newest first,
    then words searched for, newest first; none with LATE. p: f16[n, tasks], what was predicted when a page was shown.
    ts of LATE: when the rows were shown.
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
    kind: int = CHOICE
    part: int = 0
    p: bytes = b""

    @property
    def ordinal(self) -> int:
        """Its place among all examples of its topic's partition."""
        return self.offset * PARTS + self.part

    @property
    def first_candidate(self) -> int:
        """The row where the candidates begin: row 0, what was chosen, may not have been one."""
        return 0 if self.in_candidates else 1


def unpack_example(
    example: Example,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int8]]:
    """features f32[width, n], odds f32[n], labels i8[n, tasks]."""
    n = len(example.odds) // 4
    odds = np.frombuffer(example.odds, "<f4")
    labels = np.frombuffer(example.labels, np.int8).reshape(n, -1)
    halves = np.frombuffer(example.features, "<u2")
    wanted = width(labels.shape[1]) + (CONTEXT if example.kind else 0)
    if len(halves) != n * wanted:
        raise ValueError(
            f"example of {n} rows has {len(halves)} features, wanted {wanted} a row: begin a new examples topic"
        )
    x = np.empty((wanted, n), np.float32)
    from_half(halves, x.ravel())
    return x, odds, labels
