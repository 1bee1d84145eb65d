"""Pages that a shopper was shown and whose labels may still come: the join of labels to impressions.

A page is opened by an impression and keeps the features of its items as they were then (no skew). An action of the
shopper labels the page of its request, or without one the newest page that shows its item, one where the item was
taken first; for every task whose positive it is and whose window, counted from the impression, has not passed.
Event time alone decides, so a replay labels alike.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from online_model.actions import Action
from online_model.example import LATE, Example
from online_model.tasks import Task

ALL, LOW = slice(None), np.uint64(0xFFFFFFFF)
FAST = (
    1  # zlib level: two thirds of the features are 0, and higher levels save a tenth more for thrice the time
)


class Page(msgspec.Struct, array_like=True):
    """ts: of the impression. source: its topic, partition, offset. keys: u64[n], stable keys of the items.
    categories: u32[n]. features: zlib of f16[width, n]. p: f16[n, tasks], as predicted then.
    labels: i8[n, tasks], 1: has come, 0: not yet, −1: the task does not look at this page.
    due: bit t is set while task t waits for its window to pass. request: Action.request of the impression.
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
    request: int = 0

    @property
    def rows(self) -> int:
        """Items on it."""
        return len(self.keys) // 8

    def taken(self) -> NDArray[np.bool_]:
        """bool[n]: rows with a label that has come."""
        return np.asarray((self.matrix() == 1).any(axis=1))

    def only(self, rows: NDArray[np.bool_]) -> Page:
        """The page with just these rows."""
        return msgspec.structs.replace(
            self,
            keys=np.frombuffer(self.keys, "<u8")[rows].tobytes(),
            categories=np.frombuffer(self.categories, "<u4")[rows].tobytes(),
            features=zlib.compress(np.ascontiguousarray(self.halves()[:, rows]).tobytes(), FAST),
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
        return np.frombuffer(zlib.decompress(self.features), "<u2").reshape(-1, self.rows)


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
        told += _settled(pages[at], range(pages[at].due.bit_length()))
        taken = pages[at].taken()
        pages[at : at + 1] = [pages[at].only(taken)] if taken.any() and whole else []
    return told


def join(pages: list[Page], action: Action, key: np.uint64, tasks: Sequence[Task]) -> list[Told]:
    """What an action of the shopper tells of the pages: labels that waited until now, and the one that it is.

    Pages that no label can reach any more are forgotten.
    """
    told = []
    for page in reversed(pages):
        over = [t for t, task in enumerate(tasks) if action.ts - page.ts > task.window_ms]
        told += _settled(page, over)
        if len(over) == len(tasks):
            pages.remove(page)
    wanted = [
        t for t, task in enumerate(tasks) if task.label == action.kind and task.covers(action.placement)
    ]
    return told + (_arrived(pages, action, key, wanted, tasks) if wanted else [])


def _arrived(
    pages: Sequence[Page], action: Action, key: np.uint64, wanted: Sequence[int], tasks: Sequence[Task]
) -> list[Told]:
    """Label one page that shows the item. A task that waits is told later."""
    fitting = [fit for page in pages if (fit := _fit(page, action, key, wanted, tasks)) is not None]
    if not fitting:
        return []
    page, row, new = max(
        fitting, key=lambda fit: (fit[0].matrix()[fit[1]] == 1).any()
    )  # newest first: the newest of equals
    labels = page.matrix().copy()
    labels[row, new] = 1
    page.labels = labels.tobytes()
    now = np.full((1, labels.shape[1]), -1, np.int8)
    now[0, [t for t in new if not page.due >> t & 1]] = 1
    return [Told(page, slice(row, row + 1), now)] if (now == 1).any() else []


def _fit(
    page: Page, action: Action, key: np.uint64, wanted: Sequence[int], tasks: Sequence[Task]
) -> tuple[Page, int, list[int]] | None:
    """The page, the row of the item and the tasks that the action can be a new label of there."""
    if page.ts > action.ts or (page.request and action.request and page.request != action.request):
        return None
    rows = np.flatnonzero(np.frombuffer(page.keys, "<u8") == key)
    if not len(rows):
        return None
    row = int(rows[0])
    labels = page.matrix()[row]
    new = [t for t in wanted if labels[t] == 0 and action.ts - page.ts <= tasks[t].window_ms]
    return (page, row, new) if new else None


def _settled(page: Page, over: Iterable[int]) -> list[Told]:
    """The labels of those of the tasks that waited."""
    waited = [t for t in over if page.due >> t & 1]
    if not waited:
        return []
    labels = np.full_like(page.matrix(), -1)
    labels[:, waited] = page.matrix()[:, waited]
    page.due &= ~sum(1 << t for t in waited)
    return [Told(page, ALL, labels)]


def pack_pages(pages: Sequence[Page]) -> bytes:
    """For storage; empty for none."""
    return msgspec.msgpack.encode(pages) if pages else b""


def unpack_pages(data: bytes) -> list[Page]:
    """What `pack_pages` wrote."""
    return msgspec.msgpack.decode(data, type=list[Page]) if data else []
