"""Every Redis key Freshet uses: its type, its writer, its reader, its life.

The one module that `stream` and `serving` share about Redis. All values are strings of bytes whose first byte
is a version; a reader that meets another version treats the key as missing, never as something else.

A name is prefix:kind{tag}owner. The tag decides where a key lies on a Redis Cluster: all keys of one partition of users
({3}), of one of items ({i3}), and those of the model, lie together with their watermarks, so that one transaction can
move them on (docs/decisions/0010-a-tag-for-each-partition.md). It stands before the owner, whose name may hold braces.
"""

from collections.abc import Callable
from typing import NamedTuple

from freshet.contract.partitioner import partition_of
from freshet.contract.signals import SEGMENTS_PARTITION
from freshet.contract.topics import ALL_TOPICS
from freshet.settings import Settings

_MODEL = "{model}"
_SHARED_BY = {topic.name: topic.shared_by for topic in ALL_TOPICS}


class Keys(NamedTuple):
    """Key names of one deployment. prefix: short, since every user and item pays for it.

    partitions, item_partitions: how many the users' and the items' topics have.
    stored: the id under which a user is kept; another one than is asked for where there are pseudonyms.
    """

    prefix: str
    partitions: int
    item_partitions: int
    stored: Callable[[str], str] = str

    @classmethod
    def of(cls, settings: Settings, stored: Callable[[str], str] = str) -> "Keys":
        return cls(settings.redis.prefix, settings.kafka.partitions, settings.kafka.item_partitions, stored)

    def profile(self, user_id: str) -> str:
        """State of one user, with its watermarks. Writer: shoppers. Readers: shoppers, API. Life: user_ttl_s."""
        return self._of_user("u", user_id)

    def published(self, user_id: str) -> str:
        """The best items of one user, every task's probability. Writer: shoppers. Reader: API. Life: user_ttl_s."""
        return self._of_user("p", user_id)

    def due(self, partition: int) -> str:
        """Users of one partition whose list is older than their profile, since the worker was behind. Set.

        Writer: shoppers. Reader: the partition's next owner. Life: until their lists are made."""
        return f"{self.prefix}:l{{{partition}}}"

    def row(self, item_id: str) -> str:
        """Counts and neighbours of one item. Writer: items. Readers: workers, API.

        Life: item_ttl_s after its last event, or until its tombstone."""
        return self._of_item("r", item_id)

    def description(self, item_id: str) -> str:
        """An item's catalogue message, as JSON. Writer: catalogue. Readers: workers, API. Life: until its tombstone."""
        return self._of_item("d", item_id)

    def tops(self, partition: int) -> str:
        """Trending items of one item partition, overall and by category. Hash: category → list. Writer: items.

        Readers: workers, API. Life: item_ttl_s."""
        return f"{self.prefix}:t{{i{partition}}}"

    def demand(self, partition: int) -> str:
        """What the events of one item partition teach about demand in general (online_model.demand). Writer: items.

        Readers: workers, API. Life: for ever."""
        return f"{self.prefix}:q{{i{partition}}}"

    def segments(self) -> str:
        """Shopper segments: centre and what trends in each. Hash: number → segment. Writer: items, of partition 0.

        Readers: workers, API. Life: for ever."""
        return f"{self.prefix}:s{{i{SEGMENTS_PARTITION}}}"

    def watermark(self, topic: str, partition: int) -> str:
        """How far a partition has been folded. Writer: its owner. Reader: its next owner. Life: for ever."""
        shared_by = _SHARED_BY[topic]
        users_or_items = f"{{{partition}}}" if shared_by == "users" else f"{{i{partition}}}"
        return f"{self.prefix}:w{users_or_items if shared_by else _MODEL}{topic}"

    def heads(self, version: str) -> str:
        """Online heads over one encoder version, with their place in the examples log. Writer: learner.

        Readers: workers, API. Life: for ever; old versions go with their artifact."""
        return f"{self.prefix}:h{_MODEL}{version}"

    def model(self) -> str:
        """Which encoder and heads serve (live) and which the learner shall switch to (wanted). Hash.

        Writers: learner (live), refresh and `freshet models` (wanted). Readers: all. Life: for ever."""
        return f"{self.prefix}:{_MODEL}"

    def every(self, kind: str) -> str:
        """The pattern of all keys of one kind, which is the letter before the tag; for SCAN."""
        escaped = "".join(f"\\{char}" if char in "*?[]\\^-" else char for char in self.prefix)
        return f"{escaped}:{kind}{{*"

    def _of_user(self, kind: str, user_id: str) -> str:
        stored = self.stored(user_id)
        return f"{self.prefix}:{kind}{{{partition_of(stored, self.partitions)}}}{stored}"

    def _of_item(self, kind: str, item_id: str) -> str:
        return f"{self.prefix}:{kind}{{i{partition_of(item_id, self.item_partitions)}}}{item_id}"


def tag_of(key: str) -> str:
    """What decides where a key lies on a cluster.

    >>> tag_of("fr:u{3}someone"), tag_of("fr:{model}")
    ('3', 'model')
    """
    return key.partition("{")[2].partition("}")[0]


def owner_of(key: str) -> str:
    """Whose key it is: a user's or item's id, a topic, a version.

    >>> owner_of("fr:u{3}some{one}")
    'some{one}'
    """
    return key.partition("}")[2]
