"""Who and what a choice was about, as known just before it: the segments that every report splits into."""

from online_model.actions import Action
from online_model.history import find
from online_model.item_table import ItemTable
from online_model.profile import Profile

NEW_USER = NEW_ITEM = 5  # fewer earlier events than this
SEGMENTS = ("new_users", "known_users", "new_items", "known_items", "repeats", "discoveries")


def segments_of(profile: Profile, items: ItemTable, action: Action, context: int) -> list[str]:
    """The names that hold. context: earlier events of the shopper. A repeat is an item of the shopper's history."""
    item = items.vocabulary.find(action.item)
    stats = items.stats[max(item, 0)]
    events = sum(int(stats[name]) for name in ("clicks", "carts", "purchases", "ratings")) if item >= 0 else 0
    repeat = find(profile.history, profile.size, item) >= 0
    return [
        "new_users" if context < NEW_USER else "known_users",
        "new_items" if events < NEW_ITEM else "known_items",
        "repeats" if repeat else "discoveries",
    ]
