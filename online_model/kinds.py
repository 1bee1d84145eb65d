"""What a shopper can do, as one small integer: the alphabet of every event, history and signal."""

from enum import IntEnum


class Kind(IntEnum):
    """The first four are interests: they enter histories, item counts and co-visits.

    Values are stored: never renumber.
    """

    CLICK = 0
    CART = 1
    PURCHASE = 2
    RATING = 3
    HIDE = 4
    SEARCH = 5
    IMPRESSION = 6
    UNCART = 7


INTERESTS = 4  # kinds below this one say "this shopper cares about this item"
