"""What trends."""

from typing import Literal

import msgspec

from serving import examples
from serving.answers import ListedItem, Millis, Stale
from serving.listing import of_top
from serving.routes.parameters import Category, Exclude, K
from serving.routing import Request, Route
from serving.services import Services


class TrendingQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    k: K = 20
    category: Category = ""
    exclude: Exclude = []


class TrendingItems(msgspec.Struct, omit_defaults=True):
    """Hottest first."""

    category: str
    items: list[ListedItem]
    source: Literal["trending"]
    computed_ts: Millis
    request_id: str
    stale: Stale = False


async def trending(request: Request, services: Services) -> TrendingItems:
    """The items that most shoppers look at now, hottest first, over all or in a category and those below it.

    Heat halves in six hours over all, in a day inside a category. A category nobody looked at has no items.
    """
    query: TrendingQuery = request.query
    top = await services.trending.get(query.category)
    items = [ListedItem(scored.item_id, scored.score) for scored in of_top(top.value, query.k, query.exclude)]
    return TrendingItems(query.category, items, "trending", top.value.read_ms, request.request_id, top.stale)


ROUTE = Route(
    "GET",
    "/v1/trending",
    trending,
    TrendingItems,
    query=TrendingQuery,
    example=TrendingItems(
        "shoes",
        [ListedItem("i-9", 1.0), ListedItem("i-204", 0.8)],
        "trending",
        examples.TS,
        examples.REQUEST_ID,
    ),
)
