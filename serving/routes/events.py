"""Events for shops without a Kafka client."""

import time
from typing import Any

import msgspec

from freshet.contract.events import SCHEMAS, BadEvent, decode
from freshet.contract.topics import ITEMS
from freshet.security.pseudonyms import Pseudonyms
from serving import examples
from serving.body import read_json
from serving.event_log import Message, NotAcknowledged
from serving.problem import Problem, retry_after
from serving.routing import Reply, Request, Route
from serving.services import Services

MOST_EVENTS = 1_000
JSON = "application/json"


class PostedEvent(msgspec.Struct, forbid_unknown_fields=True):
    """topic: clicks, carts, purchases, impressions, ratings, searches, feedback or items. value: the event."""

    topic: str
    value: msgspec.Raw


class Accepted(msgspec.Struct):
    """accepted: how many events Kafka has acknowledged."""

    accepted: int
    request_id: str


async def events(request: Request, services: Services) -> Reply:
    """Take one event, `{"topic": "clicks", "value": {…}}`, or a list of up to 1,000; 202 when Kafka has them all.

    All or none is sent: when one does not fit, 400 names its place and field. 503 when Kafka does not answer;
    send the same again then: an event counts once, by its event_id.
    """
    body = request.body.lstrip()
    many = body.startswith(b"[")
    posted = read_json(body, list[PostedEvent]) if many else [read_json(body, PostedEvent)]
    if not 1 <= len(posted) <= MOST_EVENTS:
        raise Problem(400, f"a request takes 1 to {MOST_EVENTS:,} events; got {len(posted):,}")
    now_ms = time.time_ns() // 1_000_000
    messages = [
        _message(event, f"event {place}: " if many else "", now_ms, services.pseudonyms)
        for place, event in enumerate(posted)
    ]
    try:
        await services.events.send(messages)
    except NotAcknowledged as error:
        raise Problem(503, f"Kafka did not take it: {error}", retry_after(1)) from None
    return Reply(202, JSON, msgspec.json.encode(Accepted(len(messages), request.request_id)))


def _message(posted: PostedEvent, where: str, now_ms: int, pseudonyms: Pseudonyms | None) -> Message:
    if posted.topic not in SCHEMAS:
        raise Problem(400, f"{where}topic is one of {', '.join(SCHEMAS)}; got {posted.topic[:100]!r}")
    value = bytes(posted.value)
    try:
        event: Any = decode(posted.topic, value, now_ms=now_ms)
    except BadEvent as error:
        raise Problem(400, f"{where}{error}") from None
    if posted.topic == ITEMS.name:
        return Message(posted.topic, event.item_id.encode(), value)
    if pseudonyms is not None:
        return Message(posted.topic, pseudonyms.of(event.user_id).encode(), pseudonyms.in_event(value))
    return Message(posted.topic, event.user_id.encode(), value)


ROUTE = Route(
    "POST",
    "/v1/events",
    events,
    Accepted,
    takes=PostedEvent | list[PostedEvent],
    status=202,
    example=Accepted(1, examples.REQUEST_ID),
    scope="events",
)
