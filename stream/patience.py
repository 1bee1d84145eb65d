"""Redis or Kafka away for a while: keep what is to be written and try again, acknowledging nothing meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka.errors import KafkaError
from faust.exceptions import ProducerSendError
from kafka.errors import KafkaError as PlainKafkaError
from redis.exceptions import RedisClusterException, RedisError

T = TypeVar("T")
log = logging.getLogger(__name__)

PASSING = (
    RedisError,
    RedisClusterException,
    KafkaError,
    PlainKafkaError,
    ProducerSendError,
    ConnectionError,
    TimeoutError,
)
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 2.0  # a restart of Redis takes under a second; 2 s keeps the log readable


async def until_done(what: str, attempt: Callable[[], Awaitable[T]], on_retry: Callable[[], None]) -> T:
    """The result of `attempt`, tried until it passes. Its effect must be the same however often it is tried."""
    wait_s = FIRST_WAIT_S
    while True:
        try:
            return await attempt()
        except PASSING as error:
            log.warning(
                "%s failed and is tried again in %.1f s: %s: %s", what, wait_s, type(error).__name__, error
            )
            on_retry()
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
