"""An evaluation's whole state, so that a long one can be stopped and go on.

Items, profiles and heads are kept as the stream keeps them in Redis. What only an encoder reads of items is left out:
an evaluation has none.
"""

from __future__ import annotations

import msgspec
import numpy as np

from online_model.actions import Action
from online_model.evaluation.lists import Lists
from online_model.evaluation.places import Places
from online_model.evaluation.tally import Tally
from online_model.example import Example
from online_model.item_table import ItemTable


class Pending(msgspec.Struct, frozen=True):
    """A late event that has not counted yet, with the choices it was seen to be."""

    user: str
    action: Action
    source: tuple[int, int, int]
    choices: tuple[Example, ...]
    measured: bool


class SavedItem(msgspec.Struct, frozen=True, array_like=True):
    """row: of ItemTable.dump_row. category: an index into SavedItems.categories, or −1; price: NaN is unknown."""

    name: str
    category: int
    price: float
    available: bool
    row: bytes


class SavedItems(msgspec.Struct, frozen=True):
    """Names in the order of their indices, so that every array comes back in the same order."""

    categories: list[str]
    items: list[SavedItem]


class Snapshot(msgspec.Struct, frozen=True):
    """records, events: taken so far. heads, profiles: their dumps. since_ms: of the first measured event.
    Parts are the pass's own: encode it at once.
    """

    records: int
    events: int
    items: SavedItems
    heads: bytes
    profiles: dict[str, bytes]
    contexts: dict[str, int]
    pending: list[Pending]
    tally: Tally
    windows: list[Tally]
    segments: dict[str, list[Places]]
    sums: dict[str, bytes]
    since_ms: int
    lists: Lists


def save_items(items: ItemTable) -> SavedItems:
    """The whole table."""
    stats = items.stats[: len(items)]
    columns = (stats[name].tolist() for name in ("category", "price", "available"))
    rows = enumerate(zip(items.vocabulary.names, *columns, strict=True))
    return SavedItems(
        list(items.categories.names),
        [
            SavedItem(name, category, price, bool(available), items.dump_row(index))
            for index, (name, category, price, available) in rows
        ],
    )


def restore_items(items: ItemTable, saved: SavedItems) -> None:
    """Fill an empty table with what was saved."""
    for name in saved.categories:
        items.categories.add(name)
    for item in saved.items:
        items.add(item.name)
    for item in saved.items:
        category = saved.categories[item.category] if item.category >= 0 else None
        price = None if np.isnan(item.price) else item.price
        items.describe(item.name, category, price, available=item.available)
    for item in saved.items:
        items.load_row(item.name, item.row)
