"""Where items lie to one another."""

from typing import Literal

import msgspec

from serving import examples
from serving.answers import Millis, Share, Stale
from serving.routing import Request, Route
from serving.services import Services


class Placed(msgspec.Struct):
    """x, y: within ±1 of the middle; near is alike. heat: relative to the hottest item's, which has 1."""

    item_id: str
    category: str
    x: float
    y: float
    heat: Share


class ItemMap(msgspec.Struct, omit_defaults=True):
    """source: encoder, alike by what the encoder has learned; co_visits, by who looks at both, before there is one."""

    items: list[Placed]
    source: Literal["encoder", "co_visits"]
    computed_ts: Millis
    request_id: str
    stale: Stale = False


async def item_map(request: Request, services: Services) -> ItemMap:
    """A flat map of the hottest items of each category, at most 200: what lies near one another is alike.

    The two principal components of the items' vectors. It is made anew every half a minute.
    """
    kept = await services.item_map.get()
    items = [Placed(*place) for place in kept.value.places]
    source: Literal["encoder", "co_visits"] = "encoder" if kept.value.source == "encoder" else "co_visits"
    return ItemMap(items, source, kept.value.made_ms, request.request_id, kept.stale)


ROUTE = Route(
    "GET",
    "/v1/items/map",
    item_map,
    ItemMap,
    example=ItemMap(
        [Placed("i-9", "shoes/running", -0.41, 1.0, 1.0), Placed("i-204", "hats", 0.87, -0.2, 0.6)],
        "encoder",
        examples.TS,
        examples.REQUEST_ID,
    ),
)
