"""What several calls answer with, as msgspec structs: they are written as JSON and described in /openapi.json.

gc=False: a list has forty of these and none can be part of a cycle; not tracking them saves a tenth of a lookup.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Millis = Annotated[int, Meta(description="milliseconds since 1970-01-01 UTC")]
Stale = Annotated[
    bool,
    Meta(description="true: Redis is away or lost data, and this is what it said last; absent otherwise"),
]
Share = Annotated[float, Meta(ge=0, le=1)]


class ModelVersion(Struct, frozen=True, gc=False):
    """encoder: "none" before the first refresh. heads: how many examples they had learned from."""

    encoder: str
    heads: int


class Scored(Struct, omit_defaults=True, gc=False):
    """score: by the request's objective and weights. scores: each task's probability; none for trending items,
    whose score is their heat relative to the hottest. source: what proposed the item. because: the item of the
    shopper's own history behind it. contributions: with explain=true, what each task adds to the score.
    """

    item_id: str
    score: float
    scores: dict[str, float]
    source: str
    because: str | None = None
    contributions: dict[str, float] | None = None


class Ranked(Struct, omit_defaults=True):
    """source: published when all items were in the shopper's list, else fresh: computed for this request."""

    user_id: str | None
    items: list[Scored]
    source: Literal["published", "fresh"]
    model: ModelVersion
    event_ts: Millis | None
    computed_ts: Millis
    request_id: str
    stale: Stale = False


class ListedItem(Struct):
    """score: relative to the first item's, which has 1."""

    item_id: str
    score: Share
