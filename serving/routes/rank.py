"""The shop's own candidates, ranked."""

from typing import Annotated

import msgspec
from msgspec import Meta

from freshet.contract.events import Flat, Id
from serving import examples
from serving.answers import Ranked
from serving.body import read_json
from serving.routes.parameters import Explain, Objective, Weights
from serving.routes.scores import score_now
from serving.routing import Request, Route
from serving.services import Services

MOST = 1_000
Most = Annotated[
    int, Meta(ge=1, le=MOST, description="how many items, a whole number from 1 to 1,000; by default all")
]


class RankQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    k: Most = MOST
    objective: Objective = "blend"
    weights: Weights = {}
    explain: Explain = False


class RankBody(msgspec.Struct, forbid_unknown_fields=True):
    """user_id: absent for a shopper without a past. items: 1 to 1,000. context: as in events; no task uses it yet."""

    items: Annotated[list[Id], Meta(min_length=1, max_length=MOST)]
    user_id: Id | None = None
    context: Flat = {}


async def rank_items(request: Request, services: Services) -> Ranked:
    """The given items, scored now and best first: all of them, or the k best.

    An unknown shopper, and an unknown item, is scored as a new one.
    """
    body = read_json(request.body, RankBody)
    items = list(dict.fromkeys(body.items))
    return await score_now(request, services, body.user_id, items, request.query.k)


ROUTE = Route(
    "POST",
    "/v1/rank",
    rank_items,
    Ranked,
    query=RankQuery,
    takes=RankBody,
    example=Ranked(
        "u-1",
        [examples.BEST, examples.NEXT],
        "fresh",
        examples.MODEL,
        examples.TS,
        examples.TS + 42,
        examples.REQUEST_ID,
    ),
)
