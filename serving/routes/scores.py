"""Scores of given items for a shopper."""

import time

import msgspec

from serving import examples
from serving.answers import ModelVersion, Ranked
from serving.listing import of_fresh, of_published, published_list, rank
from serving.routes.parameters import Explain, Items, Objective, Weights
from serving.routing import Request, Route
from serving.services import Services


class ScoresQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: Items
    objective: Objective = "blend"
    weights: Weights = {}
    explain: Explain = False


async def scores(request: Request, services: Services) -> Ranked:
    """The scores of these items for this shopper, best first.

    They come from the shopper's published list when all of them are in it, else all are computed now: one answer
    never mixes two states of the model. An unknown shopper, and an unknown item, is scored as a new one.
    """
    query: ScoresQuery = request.query
    weights = services.weighing.of(query.objective, query.weights)
    items = list(dict.fromkeys(query.items))
    value = await services.reads.get(services.keys.published(request.subject))
    published = published_list(value.data, len(weights), services.salvage)
    if published is None or not set(items) <= set(published.items):
        return await score_now(request, services, request.subject, items, len(items))
    wanted = set(items)
    allowed = [item in wanted for item in published.items]
    listing = of_published(published)
    return Ranked(
        request.subject,
        rank(listing, weights, services.scores, k=len(items), allowed=allowed, explain=query.explain),
        "published",
        ModelVersion(published.encoder, published.learned),
        published.event_ts,
        published.computed_ts,
        request.request_id,
        value.stale,
    )


async def score_now(
    request: Request, services: Services, user_id: str | None, items: list[str], k: int
) -> Ranked:
    """The k best of these items, by the model as it is now."""
    query = request.query
    weights = services.weighing.of(query.objective, query.weights)
    fresh = await services.scorer.score(user_id, items)
    listing = of_fresh(items, fresh)
    return Ranked(
        user_id,
        rank(listing, weights, services.scores, k=k, explain=query.explain),
        "fresh",
        ModelVersion(fresh.encoder, fresh.learned),
        fresh.event_ts,
        time.time_ns() // 1_000_000,
        request.request_id,
        fresh.stale,
    )


ROUTE = Route(
    "GET",
    "/v1/users/{user_id}/scores",
    scores,
    Ranked,
    query=ScoresQuery,
    example=Ranked(
        "u-1",
        [examples.BEST],
        "published",
        examples.MODEL,
        examples.TS,
        examples.TS + 42,
        examples.REQUEST_ID,
    ),
)
