"""Whose list is due: the profile has moved on, and the list was put off (thinning.py)."""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from redis.asyncio import Redis

from freshet.contract import blobs
from freshet.contract.keys import Keys
from freshet.contract.torn import Salvage
from stream.commands import Command


class Waiting(NamedTuple):
    """since_s: the Kafka timestamp of the oldest event without a list; None after a takeover."""

    partition: int
    since_s: float | None


class Changes(NamedTuple):
    """Key of a partition's set → who is to be added, or removed."""

    added: dict[str, list[str]]
    removed: dict[str, list[str]]

    def commands(self) -> list[Command]:
        changes = [("SADD", self.added), ("SREM", self.removed)]
        return [(name, key, *users) for name, sets in changes for key, users in sets.items()]


class Due:
    """Longest waiting first. Redis holds the same, written with the profiles: a crash forgets nobody."""

    def __init__(self, redis: Redis, keys: Keys, salvage: Salvage) -> None:
        self._redis, self._keys, self._salvage = redis, keys, salvage
        self._waiting: dict[str, Waiting] = {}
        self._changed: dict[str, tuple[str, bool]] = {}  # user → key of the set, whether in it now

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, user: str) -> bool:
        return user in self._waiting

    async def resume(self, partitions: Iterable[int]) -> None:
        """Know what is stored of these partitions, and nothing else."""
        self._waiting.clear()
        self._changed.clear()
        for partition in sorted(partitions):
            key = self._keys.due(partition)
            for member in await blobs.get_members(self._redis, key):
                user = self._salvage.read("due list", key, member.decode)
                if user is not None:
                    self._waiting[user] = Waiting(partition, None)

    def put_off(self, user: str, partition: int, sent_s: float) -> None:
        """The user's list is due, since this event or an older one."""
        if user not in self._waiting:
            self._waiting[user] = Waiting(partition, sent_s)
            self._changed[user] = self._keys.due(partition), True

    def settle(self, user: str) -> float | None:
        """The list is made, or no longer wanted. The Kafka timestamp since which it was due, if that is known."""
        waiting = self._waiting.pop(user, None)
        if waiting is None:
            return None
        self._changed[user] = self._keys.due(waiting.partition), False
        return waiting.since_s

    def oldest(self, n: int) -> list[str]:
        return list(islice(self._waiting, n))

    def take_changes(self) -> Changes:
        """What has changed since the last call."""
        changes = Changes({}, {})
        for user, (key, is_due) in self._changed.items():
            (changes.added if is_due else changes.removed).setdefault(key, []).append(user)
        self._changed.clear()
        return changes
