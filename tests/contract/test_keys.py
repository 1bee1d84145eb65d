"""Names of keys: what a partition writes in one step lies together on a Redis Cluster."""

import pytest
from redis.crc import key_slot

from freshet.contract.keys import Keys, owner_of, tag_of
from freshet.contract.partitioner import partition_of
from freshet.contract.topics import ERASURES, EXAMPLES, ITEM_SIGNALS, ITEMS, USER_TOPICS
from freshet.settings import SettingError, load

KEYS = Keys.of(load(overrides=["kafka.partitions=64", "kafka.item_partitions=16"]))
OF_USER, OF_ITEM = partition_of("user-1", 64), partition_of("item-1", 16)
TOGETHER = {
    "users": [KEYS.profile("user-1"), KEYS.published("user-1"), KEYS.due(OF_USER)]
    + [KEYS.watermark(topic.name, OF_USER) for topic in (*USER_TOPICS, ERASURES)],
    "items": [KEYS.row("item-1"), KEYS.description("item-1"), KEYS.tops(OF_ITEM), KEYS.demand(OF_ITEM)]
    + [KEYS.watermark(topic.name, OF_ITEM) for topic in (ITEMS, ITEM_SIGNALS)],
    "segments": [KEYS.segments(), KEYS.watermark(ITEM_SIGNALS.name, 0)],
    "model": [KEYS.model(), KEYS.heads("none"), KEYS.watermark(EXAMPLES.name, 0)],
}


@pytest.mark.parametrize("what", TOGETHER)
def test_keys_that_are_written_in_one_step_lie_in_one_slot(what: str) -> None:
    keys = TOGETHER[what]

    assert len(set(keys)) == len(keys)
    assert len({key_slot(key.encode()) for key in keys}) == 1, keys
    assert len({tag_of(key) for key in keys}) == 1, keys


def test_partitions_are_spread() -> None:
    slots = {key_slot(KEYS.due(n).encode()) for n in range(64)} | {
        key_slot(KEYS.tops(n).encode()) for n in range(16)
    }

    assert len(slots) == 64 + 16


@pytest.mark.parametrize("user", ["a{b}c", "{", "}", "}{x}", "{7}"])
def test_braces_in_an_id_change_nothing(user: str) -> None:
    key = KEYS.profile(user)

    assert key_slot(key.encode()) == key_slot(KEYS.due(partition_of(user, 64)).encode())
    assert owner_of(key) == user


def test_a_prefix_with_braces_is_refused() -> None:
    with pytest.raises(SettingError, match=r"redis\.prefix"):
        load(overrides=["redis.prefix=a{b}"])
