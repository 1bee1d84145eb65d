"""What shops send: one struct a topic, JSON on Kafka (design: events).

Unknown fields are ignored here and kept in the log. A later field has a default, so stored messages still
decode. `decode` raises `BadEvent` with a sentence that names the field.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Millis = Annotated[int, Meta(ge=0, le=253_402_300_799_999)]  # up to the year 9999
Count = Annotated[int, Meta(ge=0, le=2**53)]  # beyond it numbers of JavaScript and JSON readers are not whole
Amount = Annotated[float, Meta(ge=0, le=1e12)]
Label = Annotated[str, Meta(max_length=128)]
Text = Annotated[str, Meta(max_length=2_000)]
Flat = Annotated[dict[Label, Text | int | float | bool | None], Meta(max_length=100)]

MAX_EVENT_BYTES = 256 * 1024  # a catalogue message with two long texts and a 2,048-wide vector is under 60 kB
MAX_PLACEMENT = 64  # characters: each page that waits for its labels keeps it
FUTURE_MS = 5 * 60 * 1000  # a producer's clock may run this much ahead


class BadEvent(ValueError):
    """An event that cannot be taken in. Its text is the reason a shop reads in the dead-letter topic."""


class UserEvent(Struct, kw_only=True):
    """What every user event carries. ts: milliseconds since 1970-01-01 UTC, the producer's clock."""

    event_id: Id
    user_id: Id
    ts: Millis
    session_id: Id | None = None
    request_id: Id | None = None
    context: Flat = {}


class Click(UserEvent, kw_only=True):
    item_id: Id
    position: Count | None = None
    dwell_ms: Count | None = None


class Cart(UserEvent, kw_only=True):
    item_id: Id
    quantity: Annotated[float, Meta(gt=0, le=1e6)] = 1
    price: Amount | None = None
    action: Literal["add", "remove"] = "add"


class Purchase(UserEvent, kw_only=True):
    item_id: Id
    quantity: Annotated[float, Meta(gt=0, le=1e6)] = 1
    price: Amount | None = None
    order_id: Id | None = None


class Impression(UserEvent, kw_only=True):
    """items: what was shown, in the order shown. `context.placement` names the slot (home, search, ad …)."""

    items: Annotated[list[Id], Meta(min_length=1, max_length=200)]


class Rating(UserEvent, kw_only=True):
    item_id: Id
    rating: Annotated[float, Meta(ge=-1e6, le=1e6)]
    text: Annotated[str, Meta(max_length=20_000)] | None = None


class Search(UserEvent, kw_only=True):
    query: Text


class Feedback(UserEvent, kw_only=True):
    item_id: Id
    action: Literal["hide", "dislike", "return"]


class Item(Struct, kw_only=True):
    """A catalogue message; a tombstone (no value) removes the item. category: a path, `a/b/c`."""

    item_id: Id
    category: Annotated[str, Meta(max_length=512)] = ""
    price: Amount | None = None
    brand: Annotated[str, Meta(max_length=256)] | None = None
    title: Text | None = None
    tags: Annotated[list[Annotated[str, Meta(max_length=256)]], Meta(max_length=100)] = []
    attributes: Flat = {}
    embedding: Annotated[list[Annotated[float, Meta(ge=-1e6, le=1e6)]], Meta(max_length=2_048)] | None = None
    available: bool = True
    stock: Amount | None = None
    released_ts: Millis | None = None


SCHEMAS: dict[str, type[Struct]] = {
    "clicks": Click,
    "carts": Cart,
    "purchases": Purchase,
    "impressions": Impression,
    "ratings": Rating,
    "searches": Search,
    "feedback": Feedback,
    "items": Item,
}
_DECODERS = {topic: msgspec.json.Decoder(schema) for topic, schema in SCHEMAS.items()}


def decode(topic: str, value: bytes, *, now_ms: int, clock: str = "the reader's clock") -> Any:
    """The event in a message of `topic` (without prefix); BadEvent with the reason otherwise.

    now_ms: an event dated more than FUTURE_MS after it is refused. clock: whose it is, for the reason.
    """
    if len(value) > MAX_EVENT_BYTES:
        raise BadEvent(f"the message has {len(value):,} bytes; at most {MAX_EVENT_BYTES:,} are taken")
    try:
        event = _DECODERS[topic].decode(value)
    except msgspec.ValidationError as error:
        raise BadEvent(f"{topic}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadEvent(f"{topic}: not JSON: {error}") from None
    check(event, now_ms=now_ms, clock=clock)
    return event


def check(event: Any, *, now_ms: int, clock: str = "the reader's clock") -> None:
    """What the types alone cannot say: nothing unprintable in an id or a category, a short placement, a sane date.

    Raises BadEvent.
    """
    ids = [event.item_id] if isinstance(event, Item) else [event.event_id, event.user_id]
    ids += event.items if isinstance(event, Impression) else [getattr(event, "item_id", "x")]
    for value in ids:
        if not value.isprintable():
            raise BadEvent(f"an id holds a character that cannot be printed: {value!r}")
    if isinstance(event, Item) and not event.category.isprintable():
        raise BadEvent(f"category holds a character that cannot be printed: {event.category!r}")
    if not isinstance(event, Item) and len(str(event.context.get("placement", ""))) > MAX_PLACEMENT:
        raise BadEvent(f"context.placement has more than {MAX_PLACEMENT} characters")
    if not isinstance(event, Item) and event.ts > now_ms + FUTURE_MS:
        ahead_s = (event.ts - now_ms) / 1000
        raise BadEvent(f"ts is {ahead_s:,.0f} s ahead of {clock}; at most {FUTURE_MS // 1000} s are")


def json_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of every topic's value, as `freshet schema` prints them."""
    return {topic: msgspec.json.schema(schema) for topic, schema in SCHEMAS.items()}
