"""A stretch of the examples log read beside the worker's own stream: what new heads have to catch up with."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from freshet.contract.topics import EXAMPLES
from freshet.security.connections import kafka_options
from freshet.settings import Kafka
from stream.intake import Record


async def read_examples(settings: Kafka, start: int, stop: int) -> AsyncIterator[Record]:
    """Records with start ≤ offset < stop, in order; those that retention has removed are skipped."""
    if start >= stop:
        return  # aiokafka's stop() is cancelled when nothing was ever asked of the consumer
    place = TopicPartition(settings.prefix + EXAMPLES.name, 0)
    consumer = AIOKafkaConsumer(
        **kafka_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        consumer.assign([place])
        consumer.seek(place, start)
        while await consumer.position(place) < stop:
            for m in (await consumer.getmany(timeout_ms=500)).get(place, []):
                if m.offset < stop:
                    yield Record(EXAMPLES.name, 0, m.offset, m.key, m.value, m.timestamp / 1000)
    finally:
        await consumer.stop()
