"""What lookups answer, as msgspec structs: they are written as JSON and described in /openapi.json.

gc=False: a list has forty of these and none can be part of a cycle; not tracking them saves a tenth of a lookup.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Millis = Annotated[int, Meta(description="milliseconds since 1970-01-01 UTC")]
Stale = Annotated[
    bool, Meta(description="true: Redis is away, and this is what it said last; absent otherwise")
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


class Recommendations(Struct, omit_defaults=True):
    """Best first. For trending items model and event_ts are null: no model and no event is behind them."""

    user_id: str
    items: list[Scored]
    source: Literal["personal", "segment", "trending"]
    model: ModelVersion | None
    event_ts: Millis | None
    computed_ts: Millis
    request_id: str
    stale: Stale = False


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


class Similar(Struct, omit_defaults=True):
    """source: co_visits, or trending when nobody has looked at the item together with another yet."""

    item_id: str
    items: list[ListedItem]
    source: Literal["co_visits", "trending"]
    computed_ts: Millis
    request_id: str
    stale: Stale = False


class TrendingItems(Struct, omit_defaults=True):
    """Hottest first."""

    category: str
    items: list[ListedItem]
    source: Literal["trending"]
    computed_ts: Millis
    request_id: str
    stale: Stale = False


class Remembered(Struct):
    """What is kept of a shopper and one item. kind: of the last event: click, cart, purchase, rating or uncart.

    basket: carted, and neither taken back nor bought since.
    """

    item_id: str
    kind: str
    clicks: int
    carts: int
    purchases: int
    ratings: int
    basket: bool
    first_ts: Millis
    last_ts: Millis


class Hidden(Struct):
    """What the shopper asked not to see."""

    item_id: str
    ts: Millis


class Interest(Struct):
    """weight: the share of the remembered events."""

    name: str
    weight: Share


class Shopper(Struct, omit_defaults=True):
    """All that is held about a person, newest first. published: how many items their list has.

    offsets: how far of each topic of events it reflects. segment: null, nobody is put into one.
    """

    user_id: str
    history: list[Remembered]
    hidden: list[Hidden]
    categories: list[Interest]
    brands: list[Interest]
    segment: str | None
    published: int
    event_ts: Millis | None
    offsets: dict[str, int]
    request_id: str
    stale: Stale = False


class Accepted(Struct):
    """accepted: how many events Kafka has acknowledged."""

    accepted: int
    request_id: str


class Health(Struct):
    status: Literal["up"] = "up"


class Ready(Struct):
    """encoder: the version that serves, "none" before the first refresh."""

    status: Literal["ready"]
    encoder: str
