"""Messages that a batch causes: sent together, and waited for before anything else is written (invariant 1)."""

from collections.abc import Awaitable
from typing import Any, NamedTuple, Protocol

from stream.together import together


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
    """Return when Kafka has acknowledged every message; raises what the first failed one raised.

    Of those without a key, which are folded in the order of their partition, each waits for the one before. Were a
    later one stored and an earlier one not, the earlier one, sent again, would lie behind it, and its sources would
    count as old ones (freshet/contract/progress.py).
    """
    folded: dict[tuple[str, int], list[Message]] = {}
    for message in messages:
        if message.key is None:
            folded.setdefault((message.topic, message.partition), []).append(message)
    lines = [*folded.values(), *([message] for message in messages if message.key is not None)]
    await together(*(_in_order(producer, line) for line in lines))


async def _in_order(producer: KafkaProducer, messages: list[Message]) -> None:
    for m in messages:
        await (await producer.send(m.topic, m.key, m.value, m.partition, m.sent_s, None))
