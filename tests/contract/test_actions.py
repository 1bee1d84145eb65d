"""What each event means to the learning core."""

from hashlib import blake2b

import pytest

from freshet.actions import to_action, to_description
from freshet.contract.events import Cart, Click, Feedback, Impression, Item, Purchase, Rating, Search
from online_model.actions import Action, Description
from online_model.kinds import Kind

COMMON = {"event_id": "e1", "user_id": "u1", "ts": 5}
KEY = int.from_bytes(blake2b(b"e1", digest_size=8).digest(), "big")


@pytest.mark.parametrize(
    ("topic", "event", "action"),
    [
        ("clicks", Click(**COMMON, item_id="i"), Action(Kind.CLICK, "i", 5, KEY)),
        (
            "clicks",
            Click(**COMMON, item_id="i", context={"placement": "ad", "n": 1}),
            Action(Kind.CLICK, "i", 5, KEY, placement="ad"),
        ),
        ("carts", Cart(**COMMON, item_id="i", quantity=3), Action(Kind.CART, "i", 5, KEY, 3.0)),
        ("carts", Cart(**COMMON, item_id="i", action="remove"), Action(Kind.UNCART, "i", 5, KEY)),
        ("purchases", Purchase(**COMMON, item_id="i", quantity=2), Action(Kind.PURCHASE, "i", 5, KEY, 2.0)),
        ("ratings", Rating(**COMMON, item_id="i", rating=4.5), Action(Kind.RATING, "i", 5, KEY, 4.5)),
        ("searches", Search(**COMMON, query="q"), Action(Kind.SEARCH, "", 5, KEY, query="q")),
        ("feedback", Feedback(**COMMON, item_id="i", action="hide"), Action(Kind.HIDE, "i", 5, KEY)),
        (
            "impressions",
            Impression(**COMMON, items=["a", "b"], context={"placement": "home"}),
            Action(Kind.IMPRESSION, "", 5, KEY, items=("a", "b"), placement="home"),
        ),
    ],
)
def test_an_event_is_this_action(topic, event, action):
    assert to_action(topic, event) == action


@pytest.mark.parametrize(
    ("item", "description"),
    [
        (Item(item_id="i"), Description("i")),
        (
            Item(item_id="i", category="a/b", price=0, available=False),
            Description("i", category="a/b", price=0, available=False),
        ),
    ],
)
def test_an_item_is_described(item, description):
    assert to_description(item) == description
