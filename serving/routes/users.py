"""What is held about a person."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from freshet.contract.topics import USER_TOPICS
from online_model.example import HIT
from online_model.kinds import Kind
from online_model.profile import Profile
from online_model.vocabulary import Vocabulary
from serving import examples
from serving.answers import Millis, Share, Stale
from serving.descriptions import describe
from serving.listing import published_list
from serving.problem import Problem
from serving.profiles import load_profile
from serving.reads import RedisAway
from serving.routing import Request, Route
from serving.segments import segment_of
from serving.services import Services


class Remembered(msgspec.Struct):
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


class Hidden(msgspec.Struct):
    """What the shopper asked not to see."""

    item_id: str
    ts: Millis


class Searched(msgspec.Struct):
    """A search of which `words` are kept, as numbers they cannot be read from."""

    words: int
    ts: Millis


class Interest(msgspec.Struct):
    """weight: the share of the remembered events."""

    name: str
    weight: Share


class OpenPage(msgspec.Struct):
    """A page that was shown and whose labels may still come. items: how many of it are kept. labels: how many of them
    were taken, by task.
    """

    ts: Millis
    placement: str
    items: int
    labels: dict[str, int]


class Shopper(msgspec.Struct, omit_defaults=True):
    """All that is held about a person, newest first. published: how many items their list has.

    offsets: how far of each topic of events it reflects. segment: of shoppers who look at the same
    categories; null when none is known.
    """

    user_id: str
    history: list[Remembered]
    hidden: list[Hidden]
    pages: list[OpenPage]
    categories: list[Interest]
    brands: list[Interest]
    segment: str | None
    published: int
    event_ts: Millis | None
    offsets: dict[str, int]
    request_id: str
    searched: list[Searched] = []
    stale: Stale = False


async def user(request: Request, services: Services) -> Shopper:
    """All that is held about this shopper: history, hidden items, interests; 404 when it is nothing."""
    keys, vocabulary = services.keys, Vocabulary()
    value = await services.reads.get(keys.profile(request.subject))
    loaded = load_profile(value.data, vocabulary, services.settings.model, services.salvage)
    if loaded is None or not loaded[0].seen:  # erased: what is left keeps the log from coming back
        if value.stale:
            raise RedisAway(request.subject)
        raise Problem(404, f"nothing is held about {request.subject!r}")
    profile, state = loaded
    history = remembered(profile, vocabulary)
    described = await describe([entry.item_id for entry in history], services.reads, keys)
    weights = [entry.clicks + entry.carts + entry.purchases + entry.ratings for entry in history]
    segments = (await services.segments.get()).value
    segment = await segment_of([entry.item_id for entry in history], segments, services.reads, keys)
    lists = await services.reads.get(keys.published(request.subject))
    published = published_list(lists.data, len(services.settings.pair_tasks), services.salvage)
    return Shopper(
        user_id=request.subject,
        history=history,
        hidden=[Hidden(vocabulary.names[item], ts) for ts, item in profile.hidden],
        pages=open_pages(profile, [task.name for task in services.settings.pair_tasks]),
        categories=interests(zip((d.category for d in described), weights, strict=True)),
        brands=interests(zip((d.brand for d in described), weights, strict=True)),
        segment=str(segment) if segment >= 0 else None,
        published=len(published.items) if published else 0,
        event_ts=profile.seen[0][0] if profile.seen else None,
        offsets={topic.name: mark for topic, mark in zip(USER_TOPICS, state.marks, strict=True) if mark >= 0},
        request_id=request.request_id,
        searched=[Searched(words, ts) for ts, words in Counter(ts for ts, _ in profile.words).items()],
        stale=value.stale,
    )


def remembered(profile: Profile, vocabulary: Vocabulary) -> list[Remembered]:
    """The history, newest first."""
    return [
        Remembered(
            item_id=vocabulary.names[entry["item"]],
            kind=Kind(int(entry["kind"])).name.lower(),
            clicks=int(entry["clicks"]),
            carts=int(entry["carts"]),
            purchases=int(entry["purchases"]),
            ratings=int(entry["ratings"]),
            # twice the time of the last cart, and one more when it was taken back or bought
            basket=bool(entry["basket"] > 0 and not entry["basket"] & 1),
            first_ts=int(entry["first_ts"]),
            last_ts=int(entry["last_ts"]),
        )
        for entry in profile.history[: profile.size]
    ]


def open_pages(profile: Profile, tasks: Sequence[str]) -> list[OpenPage]:
    """Newest first."""
    return [
        OpenPage(
            page.ts,
            page.placement,
            page.rows,
            dict(zip(tasks, (page.matrix() == HIT).sum(axis=0).tolist(), strict=True)),
        )
        for page in profile.pages
    ]


def interests(weighted: Iterable[tuple[str | None, int]]) -> list[Interest]:
    """Names with their share of all events, largest first; what has no name counts into the whole.

    >>> interests([("shoes", 2), ("hats", 1), (None, 1)])
    [Interest(name='shoes', weight=0.5), Interest(name='hats', weight=0.25)]
    """
    events: Counter[str] = Counter()
    total = 0
    for name, count in weighted:
        total += count
        if name:
            events[name] += count
    return [Interest(name, round(count / total, 6)) for name, count in events.most_common() if count]


ROUTE = Route(
    "GET",
    "/v1/users/{user_id}",
    user,
    Shopper,
    example=Shopper(
        user_id="u-1",
        history=[
            Remembered(
                "i-17", "cart", 2, 1, 0, 0, basket=True, first_ts=examples.TS - 60_000, last_ts=examples.TS
            )
        ],
        hidden=[Hidden("i-3", examples.TS - 86_400_000)],
        pages=[OpenPage(examples.TS - 90_000, "home", 10, {"click": 1, "cart": 1, "purchase": 0})],
        categories=[Interest("shoes/running", 1.0)],
        brands=[],
        segment="12",
        published=50,
        event_ts=examples.TS,
        offsets={"clicks": 5120, "carts": 310},
        request_id=examples.REQUEST_ID,
    ),
)
