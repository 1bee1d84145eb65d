"""What the shop says of its items now, from the compacted topic: training knows items by their keys alone."""

from collections.abc import Iterable

import kafka
import msgspec

from freshet.actions import to_description
from freshet.contract.events import Item
from freshet.contract.topics import ITEMS
from freshet.security.connections import kafka_options
from freshet.settings import Kafka
from online_model.encoder.described import Described, described
from online_model.vocabulary import stable_key

LOW = 0xFFFF_FFFF
_item = msgspec.json.Decoder(Item)


def read_catalogue(settings: Kafka, among: Iterable[int]) -> Described:
    """The newest descriptions of items with these keys (low halves), which bound what is held in memory."""
    topic, wanted = settings.prefix + ITEMS.name, set(among)
    consumer = kafka.KafkaConsumer(**kafka_options(settings), enable_auto_commit=False)
    newest: dict[bytes, bytes | None] = {}
    try:
        places = [kafka.TopicPartition(topic, p) for p in range(settings.item_partitions)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < ends[place] for place in places):
            for batch in consumer.poll(timeout_ms=1_000).values():
                for message in batch:
                    key = message.key or b""
                    if stable_key(key.decode(errors="replace")) & LOW in wanted:
                        newest[key] = message.value
    finally:
        consumer.close()
    return described(to_description(item) for item in map(_decoded, newest.values()) if item)


def _decoded(value: bytes | None) -> Item | None:
    """None for a tombstone, and for what the worker has put among the dead letters."""
    try:
        return _item.decode(value) if value else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
