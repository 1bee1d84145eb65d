"""The erasures of some partitions, read before any event of theirs: a rebuild from the log must know them first."""

from collections.abc import Iterable
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from freshet.contract.erasures import Erasure, unpack_erasure
from freshet.contract.topics import ERASURES
from freshet.security.connections import kafka_options
from freshet.settings import Kafka


class Erased(NamedTuple):
    """offset: of the erasure in its partition: the newer one of a person counts."""

    offset: int
    erasure: Erasure


async def read_erasures(settings: Kafka, partitions: Iterable[int]) -> dict[str, Erased]:
    """Person → newest erasure, of those that retention has left. TornState for one that cannot be read."""
    places = [TopicPartition(settings.prefix + ERASURES.name, p) for p in sorted(partitions)]
    found: dict[str, Erased] = {}
    if not places:
        return found
    consumer = AIOKafkaConsumer(**kafka_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(
            places
        )  # before a fetch is under way: behind one it takes half a second
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for messages in (await consumer.getmany(timeout_ms=500)).values():
                for m in messages:
                    if m.key is not None and m.value is not None:
                        found[m.key.decode()] = Erased(m.offset, unpack_erasure(m.value))
    finally:
        await consumer.stop()
    return found
