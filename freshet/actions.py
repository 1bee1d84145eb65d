"""What an event means to the learning core: the one translation, used by the worker and by the evaluation."""

from hashlib import blake2b
from typing import Any

from freshet.contract.events import Item
from online_model.actions import Action, Description
from online_model.kinds import Kind

_KINDS = {
    "clicks": Kind.CLICK,
    "carts": Kind.CART,
    "purchases": Kind.PURCHASE,
    "impressions": Kind.IMPRESSION,
    "ratings": Kind.RATING,
    "searches": Kind.SEARCH,
    "feedback": Kind.HIDE,
}


def to_action(topic: str, event: Any) -> Action:
    """The action of a user event of `topic` (without prefix)."""
    kind = _KINDS[topic]
    if kind is Kind.CART and event.action == "remove":
        kind = Kind.UNCART
    return Action(
        kind=kind,
        item=getattr(event, "item_id", ""),
        ts=event.ts,
        key=_hash(event.event_id),
        value=float(getattr(event, "rating", getattr(event, "quantity", 1.0))),
        items=tuple(getattr(event, "items", ())),
        placement=str(event.context.get("placement", "")),
        request=_hash(event.request_id) if event.request_id else 0,
        query=getattr(event, "query", ""),
    )


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def to_description(item: Item) -> Description:
    """What the core takes of a catalogue message."""
    return Description(
        item=item.item_id,
        category=item.category or None,
        price=item.price,
        available=item.available,
        brand=item.brand,
        title=item.title,
        tags=tuple(item.tags),
        embedding=tuple(item.embedding) if item.embedding else None,
    )
