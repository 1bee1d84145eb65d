"""Users' states in memory: this worker alone writes them, so what it wrote last is what Redis holds."""

from collections import OrderedDict
from collections.abc import Collection
from functools import partial
from typing import NamedTuple

from redis.asyncio import Redis

from freshet.contract import blobs
from freshet.contract.keys import Keys
from freshet.contract.partitioner import partition_of
from freshet.contract.topics import USER_TOPICS
from freshet.contract.torn import Salvage
from freshet.contract.user_state import StoredUser, pack_user_state, unpack_user_state
from online_model.profile import Profile
from online_model.recommender import Recommender
from stream.erasures_log import Erased


class UserState(NamedTuple):
    """marks: for each of USER_TOPICS the newest offset applied, −1 for none. erased: the newest erasure's, likewise."""

    profile: Profile
    marks: list[int]
    erased: int


class Profiles:
    """At most `most` users' states; the one longest unused goes first.

    erasures: of the people of this worker's partitions, as far as the log can still bring them back.
    """

    def __init__(self, redis: Redis, keys: Keys, core: Recommender, most: int, salvage: Salvage) -> None:
        self._redis, self._keys, self._core, self._most, self._salvage = redis, keys, core, most, salvage
        self._states: OrderedDict[str, UserState] = OrderedDict()
        self._generation = core.items.generation
        self.erasures: dict[str, Erased] = {}

    def __len__(self) -> int:
        return len(self._states)

    async def bring(self, users: Collection[str]) -> list[str]:
        """Have these users in memory, with one read for those who are not; the items of the histories read."""
        if (
            self._generation != self._core.items.generation
        ):  # their histories name items by places that changed
            self._states.clear()
            self._generation = self._core.items.generation
        missing = [user for user in users if user not in self._states]
        items = await self._read(missing) if missing else []
        for user in users if self.erasures else ():
            self._erase(user)
        return items

    async def _read(self, missing: list[str]) -> list[str]:
        found = await blobs.get_many(self._redis, [self._keys.profile(user) for user in missing])
        items: list[str] = []
        for user, data in zip(missing, found, strict=True):
            state = self._salvage.read("profile", user, partial(self._load, data)) or self._load(None)
            names, profile = self._core.items.vocabulary.names, state.profile
            items.extend(names[place] for place in profile.history["item"][: profile.size].tolist())
            self._states[user] = state
        return items

    def _load(self, data: bytes | None) -> UserState:
        """Of a torn one not even the marks are kept: one that is too high would hide all events to come."""
        stored = unpack_user_state(data) or StoredUser([-1] * len(USER_TOPICS), b"")
        return UserState(self._core.profile(stored.profile or None), stored.marks, stored.erased)

    def _erase(self, user: str) -> None:
        """Begin the user anew where an erasure is newer than the state, be it remembered, stored or restored."""
        erased, state = self.erasures.get(user), self._states[user]
        if erased is not None and state.erased < erased.offset:
            marks = [max(mark, end - 1) for mark, end in zip(state.marks, erased.erasure.ends, strict=True)]
            self._states[user] = UserState(self._core.profile(), marks, erased.offset)

    def __getitem__(self, user: str) -> UserState:
        self._states.move_to_end(user)
        return self._states[user]

    def pack(self, user: str) -> bytes:
        """The user's state as Redis holds it."""
        profile, marks, erased = self._states[user]
        return pack_user_state(marks, profile.dump(self._core.items.vocabulary), erased)

    def trim(self) -> None:
        """Forget the longest unused beyond the limit. Only when all are written: between batches."""
        while len(self._states) > self._most:
            self._states.popitem(last=False)

    def keep(self, partitions: set[int], of: int) -> None:
        """Forget everyone outside these of all partitions: another worker may have written them meanwhile."""
        self._states = OrderedDict(
            (user, state) for user, state in self._states.items() if partition_of(user, of) in partitions
        )
        self.erasures = {
            user: erased for user, erased in self.erasures.items() if partition_of(user, of) in partitions
        }
