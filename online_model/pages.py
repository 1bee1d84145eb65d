"""Pages that a shopper was shown and whose labels may still come: the join of labels to impressions.

A page is opened by an impression and keeps the features of its items as they were then (no skew). An action of the
shopper labels the page of its request, or without one the newest page that shows its item, one where the item was
taken first; for every task whose positive it is and whose window, counted from the impression, has not passed.
Event time alone decides, so a replay labels alike. An action that comes before its page, as topics are read at their
own pace, is kept for a while.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from online_model.actions import Action
from online_model.example import FINAL_MISS, HIT, LATE, LATE_HIT, MISS, Example
from online_model.tasks import Task

ALL, LOW = slice(None), np.uint64(0xFFFFFFFF)
FAST = (
    1  # zlib level: two thirds of the features are 0, and higher levels save a tenth more for thrice the time
)

MOST_FEATURES = 1_024  # a row: ten times what there are; damaged bytes must not unpack to gigabytes


class Page(msgspec.Struct, array_like=True):
    """ts: of the impression. source: its topic, partition, offset. keys: u64[n], stable keys of the items.
    categories: u32[n]. features: zlib of f16[width, n]. p: f16[n, tasks], as predicted then.
    labels: i8[n, tasks], HIT: has come, MISS: not yet, −1: the task does not look at this page.
    due: bit t is set while task t has yet to count it; open: while its misses may still become hits and it wants to
    know that they did not. request: Action.request of the impression.
    """

    ts: int
    source: tuple[int, int, int]
    placement: str
    version: str
    keys: bytes
    categories: bytes
    features: bytes
    p: bytes
    labels: bytes
    due: int = 0
    open: int = 0
    request: int = 0

    @property
    def rows(self) -> int:
        """Items on it."""
        return len(self.keys) // 8

    def taken(self) -> NDArray[np.bool_]:
        """bool[n]: rows with a label that has come."""
        return np.asarray((self.matrix() == HIT).any(axis=1))

    def only(self, rows: NDArray[np.bool_]) -> Page:
        """The page with just these rows."""
        return msgspec.structs.replace(
            self,
            keys=np.frombuffer(self.keys, "<u8")[rows].tobytes(),
            categories=np.frombuffer(self.categories, "<u4")[rows].tobytes(),
            features=packed(np.ascontiguousarray(self.halves()[:, rows]).tobytes()),
            p=np.frombuffer(self.p, "<f2").reshape(self.rows, -1)[rows].tobytes(),
            labels=self.matrix()[rows].tobytes(),
        )

    def matrix(self) -> NDArray[np.int8]:
        """labels as int8[n, tasks]."""
        return np.frombuffer(self.labels, np.int8).reshape(self.rows, -1)

    def example(
        self, source: tuple[int, int, int], part: int, labels: NDArray[np.int8], rows: slice = ALL
    ) -> Example:
        """Some of its rows with int8[those rows, tasks] labels, as the `part`-th example of the event at `source`."""
        n = len(labels)
        keys, width = np.frombuffer(self.keys, "<u8")[rows], len(labels[0])
        return Example(
            *source,
            ts=self.ts,
            version=self.version,
            items=(keys & LOW).astype("<u4").tobytes(),
            categories=np.frombuffer(self.categories, "<u4")[rows].tobytes(),
            features=np.ascontiguousarray(self.halves()[:, rows]).tobytes(),
            labels=labels.tobytes(),
            odds=np.ones(n, "<f4").tobytes(),
            in_candidates=False,
            history=b"",
            kind=LATE,
            part=part,
            p=np.frombuffer(self.p, "<f2").reshape(-1, width)[rows].tobytes(),
        )

    def halves(self) -> NDArray[np.uint16]:
        """features as uint16[width, n]."""
        unpacked = zlib.decompressobj().decompress(self.features, MOST_FEATURES * 2 * self.rows)
        return np.frombuffer(unpacked, "<u2").reshape(-1, self.rows)


def packed(features: bytes) -> bytes:
    """Page.features, of f16[width, n]."""
    return zlib.compress(features, FAST)


class Early(msgspec.Struct, array_like=True, frozen=True):
    """What is kept of an action that found no page. key: the item's stable key."""

    ts: int
    key: int
    kind: int
    placement: str
    request: int


class Told(NamedTuple):
    """Labels that are known now: int8[those rows, tasks], −1 for tasks that say nothing."""

    page: Page
    rows: slice
    labels: NDArray[np.int8]


def open_page(pages: list[Page], page: Page, most: int) -> list[Told]:
    """Put a page among those open, newest first. Beyond `most` rows the oldest pages are cut to what was taken of
    them, since that may still be bought, and then let go; what had waited for its window is told now.
    """
    at = 0
    while at < len(pages) and (pages[at].ts, pages[at].source) > (page.ts, page.source):
        at += 1
    pages.insert(at, page)
    told = []
    while len(pages) > 1 and sum(one.rows for one in pages) > most:
        whole = [i for i, one in enumerate(pages) if i and not one.taken().all()]
        at = whole[-1] if whole else len(pages) - 1
        told += _counted(pages[at], range(pages[at].due.bit_length()))
        told += _final(pages[at], range(pages[at].open.bit_length()))
        taken = pages[at].taken()
        pages[at : at + 1] = [pages[at].only(taken)] if taken.any() and whole else []
    return told


def pass_time(pages: list[Page], now_ms: int, tasks: Sequence[Task]) -> list[Told]:
    """Labels that waited until now. Pages that no label can reach any more are forgotten."""
    told = []
    for page in reversed(pages):
        age = now_ms - page.ts
        over = [t for t, task in enumerate(tasks) if age > task.window_ms]
        told += _counted(page, [t for t, task in enumerate(tasks) if age > task.look_ms])
        told += _final(page, over)
        if len(over) == len(tasks):
            pages.remove(page)
    return told


def place(
    pages: Sequence[Page], action: Action | Early, key: np.uint64, tasks: Sequence[Task]
) -> list[Told] | None:
    """Label one page that shows the item, and what that tells now; None when no page and task fits."""
    wanted = [
        t for t, task in enumerate(tasks) if task.label == action.kind and task.covers(action.placement)
    ]
    fitting = [fit for page in pages if (fit := _fit(page, action, key, wanted, tasks)) is not None]
    if not fitting:
        return None
    page, row, new = max(
        fitting, key=lambda fit: (fit[0].matrix()[fit[1]] == HIT).any()
    )  # of equals the newest
    labels = page.matrix().copy()
    labels[row, new] = HIT
    page.labels = labels.tobytes()
    now = np.full((1, labels.shape[1]), -1, np.int8)
    now[0, [t for t in new if not page.due >> t & 1]] = LATE_HIT
    return [Told(page, slice(row, row + 1), now)] if (now == LATE_HIT).any() else []


def _fit(
    page: Page, action: Action | Early, key: np.uint64, wanted: Sequence[int], tasks: Sequence[Task]
) -> tuple[Page, int, list[int]] | None:
    """The page, the row of the item and the tasks that the action can be a new label of there."""
    if page.ts > action.ts or (page.request and action.request and page.request != action.request):
        return None
    rows = np.flatnonzero(np.frombuffer(page.keys, "<u8") == key)
    if not len(rows):
        return None
    row = int(rows[0])
    labels = page.matrix()[row]
    new = [t for t in wanted if labels[t] == MISS and action.ts - page.ts <= tasks[t].window_ms]
    return (page, row, new) if new else None


def _counted(page: Page, past: Iterable[int]) -> list[Told]:
    """The first word on the page of those of the tasks that waited for it."""
    waited = [t for t in past if page.due >> t & 1]
    page.due &= ~_bits(waited)
    return _told(page, waited, page.matrix())


def _final(page: Page, over: Iterable[int]) -> list[Told]:
    """The last word on the page: what was told to be a miss, and is one."""
    closed = [t for t in over if page.open >> t & 1]
    page.open &= ~_bits(closed)
    return _told(page, closed, np.where(page.matrix() == MISS, FINAL_MISS, -1).astype(np.int8))


def _told(page: Page, tasks: Sequence[int], words: NDArray[np.int8]) -> list[Told]:
    labels = np.full_like(words, -1)
    labels[:, tasks] = words[:, tasks]
    return [Told(page, ALL, labels)] if (labels >= 0).any() else []


def _bits(tasks: Iterable[int]) -> int:
    return sum(1 << t for t in tasks)


_decoder = msgspec.msgpack.Decoder(tuple[list[Page], list[Early]])


def pack_pages(pages: Sequence[Page], early: Sequence[Early]) -> bytes:
    """For storage; empty for none."""
    return msgspec.msgpack.encode((pages, early)) if pages or early else b""


def unpack_pages(data: bytes) -> tuple[list[Page], list[Early]]:
    """What `pack_pages` wrote; ValueError for damaged bytes."""
    if not data:
        return [], []
    try:
        pages, early = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"pages of {len(data)} bytes are damaged: {error}") from None
    for page in pages:
        n = page.rows
        parts = (len(page.keys), 8 * n), (len(page.categories), 4 * n), (len(page.p), 2 * len(page.labels))
        if not n or len(page.labels) % n or any(found != wanted for found, wanted in parts):
            raise ValueError(f"a page of {n} items has parts of other lengths")
    return pages, early
