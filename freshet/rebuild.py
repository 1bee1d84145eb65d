"""The state made anew from the log: what of Redis is deleted for it, and how far the workers have come since."""

from typing import NamedTuple, cast

import kafka
import redis

from freshet.contract.admin import partitions_of
from freshet.contract.keys import Keys
from freshet.contract.progress import unpack_progress
from freshet.contract.topics import EXAMPLES, ITEM_SIGNALS, ITEMS, USER_TOPICS
from freshet.security.clusters import servers
from freshet.security.connections import kafka_options
from freshet.settings import Kafka

KINDS = {  # the letter after the prefix → what such keys hold; contract/keys.py
    "u": "shoppers' profiles",
    "r": "items' rows",
    "d": "items' descriptions",
    "t": "lists of what trends",
    "q": "what is known of demand",
    "s": "shopper segments",
    "h": "what the heads have learned",
    "w": "watermarks",
    "l": "sets of shoppers whose list is due",
}
"""All but the published lists, which serve until there are new ones, and the name of the encoder that serves."""

# One step, so that no worker writes in between: rows and profiles must be as old as their watermarks.
_DELETE = """
local deleted = 0
for _, pattern in ipairs(ARGV) do
  local cursor = '0'
  repeat
    local page = redis.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', 1000)
    cursor = page[1]
    for _, name in ipairs(page[2]) do deleted = deleted + redis.call('UNLINK', name) end
  until cursor == '0'
end
return deleted
"""


class Stretch(NamedTuple):
    """One partition's log. first, end: the oldest offset there is, and the one the next message will get."""

    topic: str
    partition: int
    first: int
    end: int


def count(client: redis.Redis, keys: Keys) -> dict[str, int]:
    """What is held → how many keys of it there are."""
    return {what: sum(1 for _ in client.scan_iter(keys.every(kind), 1000)) for kind, what in KINDS.items()}


def delete(client: redis.Redis, keys: Keys) -> int:
    """Delete all of KINDS in one step, during which Redis answers nobody: about a second a million keys.

    On a cluster one step a server: what belongs together lies together."""
    patterns = [keys.every(kind) for kind in KINDS]
    return sum(int(server.eval(_DELETE, 0, *patterns)) for server in servers(client))


def log_now(settings: Kafka) -> list[Stretch]:
    """Every partition that state is folded from. Raises KafkaError."""
    consumer = kafka.KafkaConsumer(**kafka_options(settings), enable_auto_commit=False)
    try:
        places = {
            kafka.TopicPartition(settings.prefix + topic.name, p): topic.name
            for topic in (*USER_TOPICS, ITEMS, ITEM_SIGNALS, EXAMPLES)
            for p in range(partitions_of(topic, settings))
        }
        first, end = consumer.beginning_offsets(list(places)), consumer.end_offsets(list(places))
        return [Stretch(name, tp.partition, first[tp], end[tp]) for tp, name in places.items()]
    finally:
        consumer.close()


def done(client: redis.Redis, keys: Keys, log: list[Stretch]) -> int:
    """How many messages of the log are in the state."""
    names = [keys.watermark(stretch.topic, stretch.partition) for stretch in log]
    values = cast("list[bytes | None]", client.mget(names))
    total = 0
    for stretch, value in zip(log, values, strict=True):
        if value is not None:
            of_items = stretch.topic == ITEM_SIGNALS.name
            offset = unpack_progress(value).next_offset if of_items else int(value)
            total += min(max(offset, stretch.first), stretch.end) - stretch.first
    return total
