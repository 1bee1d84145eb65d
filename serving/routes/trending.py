"""What trends."""

import msgspec

from serving.answers import ListedItem, TrendingItems
from serving.listing import of_top
from serving.routes.parameters import Category, Exclude, K
from serving.routing import Request
from serving.services import Services


class TrendingQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    k: K = 20
    category: Category = ""
    exclude: Exclude = []


async def trending(request: Request, services: Services) -> TrendingItems:
    """The items that most shoppers look at now, hottest first, over all or in a category and those below it.

    Heat halves in six hours over all, in a day inside a category. A category nobody looked at has no items.
    """
    query: TrendingQuery = request.query
    top = await services.trending.get(query.category)
    items = [ListedItem(scored.item_id, scored.score) for scored in of_top(top.value, query.k, query.exclude)]
    return TrendingItems(query.category, items, "trending", top.value.read_ms, request.request_id, top.stale)
