"""What comes in (Action, Description) and what one action teaches about items (Step)."""

from collections.abc import Sequence

import msgspec

from online_model.kinds import Kind


class Action(msgspec.Struct, frozen=True):
    """One event of one shopper.

    ts: milliseconds since the epoch. key: 64-bit hash of the event's id; breaks ties of ts and recognises a
    repeat. value: a rating or a quantity. items: what an impression showed, in order. placement: the slot of the page.
    request: 64-bit hash of the request that an impression answered, and of the one that led to a click; 0: not told.
    query: what a search asked for.
    """

    kind: Kind
    item: str
    ts: int
    key: int
    value: float = 1.0
    items: tuple[str, ...] = ()
    placement: str = ""
    request: int = 0
    query: str = ""


class Description(msgspec.Struct, frozen=True):
    """What the catalogue says of one item. None or absent means unknown. available: may be recommended.

    embedding: a vector of the shop's own, from the item's picture or text.
    """

    item: str
    category: str | None = None
    price: float | None = None
    available: bool = True
    brand: str | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    embedding: tuple[float, ...] | None = None


class Step(msgspec.Struct, frozen=True, array_like=True):
    """What one action teaches about items: the item, and what this shopper had looked at before it.

    previous: (item, ts) of at most ten other items of the last 24 hours, newest first. again: the shopper
    had this item in the history already. shown: the items of an impression, which has no `item` of its own. units:
    how many, of what is put in the cart or bought; what a rating says. It is all that crosses from a shopper's
    worker to an item's.
    """

    ts: int
    kind: Kind
    item: str
    previous: Sequence[tuple[str, int]] = ()
    again: bool = False
    shown: Sequence[str] = ()
    units: float = 1.0
