"""Messages that a batch causes: sent together, and waited for before anything else is written (invariant 1)."""

import asyncio
from collections.abc import Awaitable
from typing import Any, NamedTuple, Protocol


class Message(NamedTuple):
    """topic: with its prefix. sent_s: when it was first sent, of what is only sent on; else None."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    sent_s: float | None = None


class KafkaProducer(Protocol):
    """What of Faust's producer is used here."""

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int,
        timestamp: float | None,
        headers: Any,
    ) -> Awaitable[Any]: ...


async def send_all(producer: KafkaProducer, messages: list[Message]) -> None:
    """Return when Kafka has acknowledged every message; raises what the first failed one raised."""
    pending = [await producer.send(m.topic, m.key, m.value, m.partition, m.sent_s, None) for m in messages]
    await asyncio.gather(*pending)
