"""The newest stretch of the examples log, up to where the live heads stand."""

from collections.abc import Iterable

import kafka

from freshet.contract.examples import readable_examples
from freshet.contract.progress import Progress
from freshet.contract.topics import EXAMPLES
from freshet.security.connections import kafka_options
from freshet.settings import Kafka
from online_model.example import Example

BLOCK = 1_000  # messages read at once, backwards from the end: a message holds 1 to 200 examples


def read_window(settings: Kafka, stop: int, most: int) -> tuple[int, list[Example]]:
    """(offset of the first message, its and the later examples): at least `most` where the log has as many.

    stop: the offset after the last message. An example that a restarted worker sent twice is there once.
    """
    place = kafka.TopicPartition(settings.prefix + EXAMPLES.name, 0)
    consumer = kafka.KafkaConsumer(**kafka_options(settings), enable_auto_commit=False)
    try:
        consumer.assign([place])
        first, last = consumer.beginning_offsets([place])[place], stop
        blocks: list[list[Example]] = []
        while last > first and sum(map(len, blocks)) < most:
            start = max(first, last - BLOCK)
            blocks.insert(0, _block(consumer, place, start, last))
            last = start
    finally:
        consumer.close()
    return last, _once(example for block in blocks for example in block)


def _block(
    consumer: kafka.KafkaConsumer, place: kafka.TopicPartition, start: int, stop: int
) -> list[Example]:
    consumer.seek(place, start)
    examples: list[Example] = []
    while consumer.position(place) < stop:
        for message in consumer.poll(timeout_ms=1_000).get(place, []):
            if message.offset < stop:
                examples.extend(readable_examples(message.value))
    return examples


def _once(examples: Iterable[Example]) -> list[Example]:
    progress = Progress()
    return [e for e in examples if progress.is_new(e.topic, e.partition, e.offset)]
