"""A shopper's list."""

import time
from typing import Literal

import msgspec

from freshet.contract.published import Published
from serving import examples
from serving.answers import Millis, ModelVersion, Scored, Stale
from serving.descriptions import describe
from serving.listing import of_published, of_top, published_list, rank, with_new
from serving.routes.parameters import Category, Exclude, Explain, K, Objective, Weights
from serving.routing import Request, Route
from serving.segments import trending_in_segment
from serving.services import Services
from serving.trending import within


class RecommendationsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    k: K = 20
    objective: Objective = "blend"
    weights: Weights = {}
    category: Category = ""
    exclude: Exclude = []
    explain: Explain = False


class Recommendations(msgspec.Struct, omit_defaults=True):
    """Best first. source: personal, a list of the shopper's own; segment, what trends among shoppers alike; trending.

    For the latter two model and event_ts are null: no model and no event is behind them.
    """

    user_id: str
    items: list[Scored]
    source: Literal["personal", "segment", "trending"]
    model: ModelVersion | None
    event_ts: Millis | None
    computed_ts: Millis
    request_id: str
    stale: Stale = False


async def recommendations(request: Request, services: Services) -> Recommendations:
    """The items that suit this shopper best now, best first.

    At most as many as are published for a shopper (setting model.publish), after `category` and `exclude`. When
    nothing is left, the answer is what trends among shoppers alike (source "segment"); for a shopper nobody knows it is
    what trends over all, or in the category if one is given.
    """
    query: RecommendationsQuery = request.query
    weights = services.weighing.of(query.objective, query.weights)
    value = await services.reads.get(services.keys.published(request.subject))
    published = published_list(value.data, len(weights), services.salvage)
    if published is not None:
        allowed = await _allowed(published, query, services)
        items = rank(
            of_published(published),
            weights,
            services.scores,
            k=len(published.items) if published.new else query.k,
            allowed=allowed,
            explain=query.explain,
        )
        if published.new:
            items = with_new(items, published, services.settings.model.new_floor, query.k)
        if items:
            services.metrics.age.observe(time.time() - published.computed_ts / 1000)
            return Recommendations(
                request.subject,
                items,
                "personal",
                ModelVersion(published.encoder, published.learned),
                published.event_ts,
                published.computed_ts,
                request.request_id,
                value.stale,
            )
    in_segment = await _of_segment(request, services)
    if in_segment is not None:
        return in_segment
    top = await services.trending.get(query.category)
    items = of_top(top.value, query.k, query.exclude)
    stale = value.stale or top.stale
    return Recommendations(
        request.subject, items, "trending", None, None, top.value.read_ms, request.request_id, stale
    )


async def _of_segment(request: Request, services: Services) -> Recommendations | None:
    """What trends among shoppers alike; None for someone without a past, or when nothing is left."""
    state = await services.reads.get(services.keys.profile(request.subject))
    if state.data is None:
        return None
    segments, query = await services.segments.get(), request.query
    items = await trending_in_segment(
        state.data,
        segments.value,
        services.settings.model,
        services.reads,
        services.keys,
        k=query.k,
        category=query.category,
        exclude=query.exclude,
    )
    if not items:
        return None
    now_ms, stale = time.time_ns() // 1_000_000, state.stale or segments.stale
    return Recommendations(request.subject, items, "segment", None, None, now_ms, request.request_id, stale)


async def _allowed(
    published: Published, query: RecommendationsQuery, services: Services
) -> list[bool] | None:
    """Which items the request lets through; None for all."""
    if not query.category and not query.exclude:
        return None
    left_out = frozenset(query.exclude)
    allowed = [item not in left_out for item in published.items]
    if query.category:
        described = await describe(published.items, services.reads, services.keys)
        inside = [within(description.category, query.category) for description in described]
        allowed = [one and other for one, other in zip(allowed, inside, strict=True)]
    return allowed


ROUTE = Route(
    "GET",
    "/v1/users/{user_id}/recommendations",
    recommendations,
    Recommendations,
    query=RecommendationsQuery,
    example=Recommendations(
        "u-1",
        [examples.BEST, examples.NEXT],
        "personal",
        examples.MODEL,
        examples.TS,
        examples.TS + 42,
        examples.REQUEST_ID,
    ),
)
