"""The share of new items that a list was made with holds under a request's own weights, too."""

import numpy as np
import pytest

from freshet.contract.published import Published, pack, unpack
from freshet.contract.torn import TornState
from serving.answers import Scored
from serving.listing import with_new


def published(new: bytes) -> Published:
    items = ["a", "b", "c", "d"]
    p = np.linspace(0.4, 0.1, 4).astype(np.float16).tobytes()
    return Published(1, 2, "none", 0, items, p, bytes(4), [], bytes(4), new)


@pytest.mark.parametrize(
    ("share", "listed"), [(0.0, ["d", "c", "b"]), (0.5, ["d", "a", "c"]), (1.0, ["a", "d", "c"])]
)
def test_new_items_rise_in_whatever_order_was_asked_for(share: float, listed: list[str]) -> None:
    by_other_weights = [Scored(item, 0.1, {}, "trending") for item in ("d", "c", "b", "a")]

    items = with_new(by_other_weights, published(bytes([1, 0, 0, 0])), share, 3)

    assert [item.item_id for item in items] == listed


def test_flags_travel_with_the_list_and_must_be_as_many_as_its_items() -> None:
    assert unpack(pack(published(bytes([0, 1, 0, 1])))) == published(bytes([0, 1, 0, 1]))
    with pytest.raises(TornState):
        unpack(pack(published(bytes(3))))
