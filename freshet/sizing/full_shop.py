"""A small made-up shop in which histories, open pages and neighbours are as many as the settings allow."""

import random
from typing import NamedTuple

import msgspec

from freshet.contract.events import Click, Item
from freshet.contract.published import Published, pack
from freshet.contract.topics import USER_TOPICS
from freshet.contract.user_state import pack_user_state
from freshet.settings import Settings
from online_model.actions import Action, Description, Step
from online_model.candidates import SOURCES
from online_model.example import Example
from online_model.kinds import Kind
from online_model.profile import Profile
from online_model.recommender import Recommender

START_MS = 1_764_000_000_000
PAGE = 10  # items shown at once
PREVIOUS = 10  # looked at before, in one step


class Taught(NamedTuple):
    """What one shopper's past gave: the profile, and per event what was sent on."""

    profile: Profile
    examples: list[Example]
    steps: list[Step]


class FullShop:
    """Ids are as long as `name("user", n)` and `name("item", n)`: 12 characters. Equal seeds, equal shops."""

    def __init__(self, settings: Settings, seed: int = 7) -> None:
        model = settings.model
        self.core = Recommender(model, [task.task() for task in settings.pair_tasks])
        self.items = [name("item", n) for n in range(2 * (model.history + model.slack + model.neighbours))]
        self._random, self._settings = random.Random(seed), settings  # noqa: S311 - no secret
        for number, item in enumerate(self.items):
            self.core.describe(Description(item, f"department/section-{number % 20}", 10.0 + number))
            for n in range(model.neighbours // PREVIOUS + 2):
                others = self._random.sample(self.items, PREVIOUS)
                before = [
                    (other, START_MS - 60_000 * place) for place, other in enumerate(others) if other != item
                ]
                self.core.absorb(Step(START_MS + n, Kind.CLICK, item, before))

    def shopper(self, number: int) -> Taught:
        """Comes back for a month: looks at more items than are remembered, then at pages."""
        model, profile = self._settings.model, self.core.profile()
        taught = Taught(profile, [], [])
        looked_at = self._random.sample(self.items, model.history + model.slack)
        gap_ms = 30 * 86_400_000 // len(looked_at)
        for n, item in enumerate(looked_at):
            kind = Kind.CART if n % 9 == 0 else Kind.CLICK
            self._act(taught, Action(kind, item, START_MS + n * gap_ms, self._random.getrandbits(64)), number)
        ts = START_MS + 30 * 86_400_000
        for n in range(-(-model.open_rows // PAGE)):
            shown, key = tuple(self._random.sample(self.items, PAGE)), self._random.getrandbits(64)
            self._act(taught, Action(Kind.IMPRESSION, "", ts + n, key, items=shown, placement="home"), number)
        return taught

    def _act(self, taught: Taught, action: Action, number: int) -> None:
        seen = self.core.observe(taught.profile, action, (0, number, len(taught.steps)))
        taught.examples.extend(seen.examples)
        if seen.step:
            taught.steps.append(seen.step)

    def profile(self, taught: Taught) -> bytes:
        """As Redis holds it."""
        marks = [2**31] * len(USER_TOPICS)
        return pack_user_state(marks, taught.profile.dump(self.core.items.vocabulary))

    def published(self, taught: Taught) -> bytes:
        """The list, as Redis holds it."""
        ranking = self.core.rank(taught.profile, taught.profile.newest_ts)
        causes = sorted(set(ranking.cause) - {""})
        return pack(
            Published(
                event_ts=taught.profile.newest_ts,
                computed_ts=taught.profile.newest_ts,
                encoder="20260101T000000-00000000",
                learned=10**9,
                items=ranking.items,
                p=ranking.p.astype("<f2").tobytes(),
                sources=bytes(SOURCES.index(source) for source in ranking.source),
                causes=causes,
                cause=bytes(causes.index(cause) + 1 if cause else 0 for cause in ranking.cause),
            )
        )

    def row(self, number: int) -> bytes:
        """An item's counts and neighbours, as Redis holds them."""
        return self.core.items.dump_row(self.core.items.vocabulary.find(self.items[number]))


def name(what: str, number: int) -> str:
    return f"{what}-{number:07d}"


def description(number: int) -> bytes:
    """A catalogue message, as Redis and Kafka hold it."""
    return msgspec.json.encode(
        Item(
            item_id=name("item", number),
            category="department/section",
            price=19.99,
            brand="A brand",
            title="Some words that tell what it is",
            tags=["first", "second", "third"],
        )
    )


def click(number: int) -> bytes:
    """An event, as Kafka holds it."""
    return msgspec.json.encode(
        Click(
            event_id=f"{number:036d}",
            user_id=name("user", number),
            item_id=name("item", number),
            ts=START_MS,
            session_id=f"{number:016d}",
            request_id=f"{number:016d}",
            context={"placement": "home"},
        )
    )
