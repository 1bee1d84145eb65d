"""Items that shoppers look at together with an item."""

import time
from typing import Literal

import msgspec

from online_model.item_rows import unpack_row
from serving import examples
from serving.answers import ListedItem, Millis, Stale
from serving.descriptions import describe
from serving.listing import of_top
from serving.routes.parameters import K
from serving.routing import Request, Route
from serving.services import Services
from serving.trending import OVERALL

FORWARD, BACKWARD = 0, 1  # rows of a row's weights: looked at after the item, before it


class SimilarQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    k: K = 20


class Similar(msgspec.Struct, omit_defaults=True):
    """source: co_visits, or trending when nobody has looked at the item together with another yet."""

    item_id: str
    items: list[ListedItem]
    source: Literal["co_visits", "trending"]
    computed_ts: Millis
    request_id: str
    stale: Stale = False


async def similar(request: Request, services: Services) -> Similar:
    """Items looked at by the same shoppers within a day, strongest first; at most model.neighbours of them.

    Items that are not available are left out. For an item that nobody looked at yet, what trends in its category,
    or else over all.
    """
    query: SimilarQuery = request.query
    value = await services.reads.get(services.keys.row(request.subject))
    row = value.data
    read = services.salvage.read("row", "an item", lambda: strongest(row)) if row is not None else None
    neighbours = read or []
    found = await describe([name for name, _ in neighbours], services.reads, services.keys)
    kept = [pair for pair, description in zip(neighbours, found, strict=True) if description.available][
        : query.k
    ]
    if kept:
        items = [ListedItem(name, round(weight / kept[0][1], 6)) for name, weight in kept]
        now_ms = time.time_ns() // 1_000_000
        return Similar(request.subject, items, "co_visits", now_ms, request.request_id, value.stale)
    described = (await describe([request.subject], services.reads, services.keys))[0]
    for category in (described.category, OVERALL):
        top = await services.trending.get(category)
        items = [ListedItem(hot.item_id, hot.score) for hot in of_top(top.value, query.k, [request.subject])]
        if items:
            break
    return Similar(
        request.subject, items, "trending", top.value.read_ms, request.request_id, value.stale or top.stale
    )


def strongest(row: bytes) -> list[tuple[str, float]]:
    """An item's neighbours with the weight of both directions, strongest first."""
    read = unpack_row(row)
    weights = (read.weights[FORWARD] + read.weights[BACKWARD]).tolist()
    pairs = [(name.decode(), weight) for name, weight in zip(read.names, weights, strict=True) if weight > 0]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


ROUTE = Route(
    "GET",
    "/v1/items/{item_id}/similar",
    similar,
    Similar,
    query=SimilarQuery,
    example=Similar(
        "i-17",
        [ListedItem("i-204", 1.0), ListedItem("i-9", 0.41)],
        "co_visits",
        examples.TS,
        examples.REQUEST_ID,
    ),
)
