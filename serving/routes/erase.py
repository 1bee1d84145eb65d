"""Forgetting a person."""

import asyncio
import time

import msgspec

from freshet.contract.erasures import Erasure, pack_erasure
from freshet.contract.partitioner import partition_of
from freshet.contract.topics import ERASURES, USER_TOPICS
from serving import examples
from serving.answers import Millis
from serving.event_log import Message, NotAcknowledged
from serving.log_ends import NoLog, log_ends
from serving.problem import Problem, retry_after
from serving.reads import AWAY
from serving.routing import Reply, Request, Route
from serving.services import Services

RETRY = retry_after(1)


class Forgotten(msgspec.Struct):
    """asked_ts: what was told of the person before is erased; what is told later counts anew."""

    user_id: str
    asked_ts: Millis
    request_id: str


async def erase(request: Request, services: Services) -> Reply:
    """Forget a person: profile and list go, and no reading of the log brings them back; 202.

    Needs the scope admin. Workers follow within a second. Events themselves stay in Kafka until kafka.events_days have
    passed. An id that nobody knows is as good. 503 when Kafka or Redis does not answer: ask again.
    """
    user_id, settings = services.keys.stored(request.subject), services.settings.kafka
    try:
        partition = partition_of(user_id, settings.partitions)
        places = [(topic.name, partition) for topic in USER_TOPICS]
        ends = await asyncio.to_thread(log_ends, settings, places)
        asked_ms = time.time_ns() // 1_000_000
        value = pack_erasure(Erasure(asked_ms, ends))
        await services.events.send([Message(ERASURES.name, user_id.encode(), value)])
    except (NotAcknowledged, NoLog) as error:
        raise Problem(503, f"Kafka did not take it: {error}", RETRY) from None
    held = [services.keys.profile(request.subject), services.keys.published(request.subject)]
    services.reads.forget(held)
    try:
        for key in held:
            await services.redis.delete(key)
    except AWAY:
        raise Problem(503, "the log has it, but Redis does not answer; ask again", RETRY) from None
    told = Forgotten(request.subject, asked_ms, request.request_id)
    return Reply(202, "application/json", msgspec.json.encode(told))


ROUTE = Route(
    "DELETE",
    "/v1/users/{user_id}",
    erase,
    Forgotten,
    status=202,
    scope="admin",
    example=Forgotten("u-1", examples.TS, examples.REQUEST_ID),
)
