"""Events posted over HTTP on their way to Kafka: those that come together share one wait for its acknowledgement."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from freshet.security.connections import kafka_options
from freshet.settings import Kafka

if TYPE_CHECKING:
    from freshet.delivery import Delivery

DELIVERY_S = 5.0  # a caller waits at most about as long


class Message(NamedTuple):
    """topic: without prefix. key: the owner's id in UTF-8."""

    topic: str
    key: bytes
    value: bytes


class NotAcknowledged(Exception):
    """Kafka does not have all of the events. Its text says why."""


class EventLog:
    """send(messages) returns when Kafka has acknowledged them.

    One thread works with kafka-python; it connects at the first event, so that lookups need no Kafka.
    """

    def __init__(self, settings: Kafka) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="freshet-events")
        self._waiting: list[tuple[list[Message], asyncio.Future[None]]] = []
        self._working: asyncio.Task[None] | None = None
        self._delivery: Delivery | None = None

    async def send(self, messages: list[Message]) -> None:
        """Raises NotAcknowledged; some of them may be in Kafka then, and sending all again does no harm."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((messages, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            messages = [message for sent, _ in batch for message in sent]
            failure = await loop.run_in_executor(self._thread, self._deliver, messages)
            for _, done in batch:
                if done.done():  # its caller is gone
                    continue
                if failure:
                    done.set_exception(NotAcknowledged(failure))
                else:
                    done.set_result(None)

    def _deliver(self, messages: list[Message]) -> str:
        """Why they are not all in Kafka, or ""."""
        from freshet.delivery import Delivery, DeliveryError

        try:
            if self._delivery is None:
                options = kafka_options(self._settings)
                self._delivery = Delivery(**options, linger_s=0, delivery_s=DELIVERY_S)
            for topic, key, value in messages:
                self._delivery.send(self._settings.prefix + topic, key, value)
            self._delivery.flush()
        except (DeliveryError, ConnectionError) as error:
            return str(error)
        except Exception as error:  # the thread must answer, whatever kafka-python raises
            return f"{type(error).__name__}: {error}"
        return ""

    async def close(self) -> None:
        """Wait for what is under way, then disconnect."""
        if self._working is not None:
            await self._working
        if self._delivery is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._delivery.close)
        self._thread.shutdown()
