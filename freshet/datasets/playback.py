"""A shop's records through the core in one process, in their order, as the worker's agents take them."""

from collections.abc import Iterable, Iterator
from typing import Any

from freshet.actions import to_action, to_description
from freshet.contract.topics import ITEMS
from freshet.datasets.record import Record
from online_model.actions import Description
from online_model.profile import Profile
from online_model.ranking import Observation
from online_model.recommender import Recommender


class Playback:
    """profiles: of everybody so far. told: what was said of items so far. Heads learn what the caller teaches them."""

    def __init__(self, core: Recommender) -> None:
        self.core = core
        self.profiles: dict[str, Profile] = {}
        self.told: dict[str, Description] = {}

    def play(self, records: Iterable[Record]) -> Iterator[tuple[Any, Observation]]:
        """Each user event, when profile and items have it, and what was seen before they had."""
        for n, (topic, event, _) in enumerate(records):
            if topic == ITEMS.name:
                self.told[event.item_id] = to_description(event)
                self.core.describe(self.told[event.item_id])
                continue
            profile = self.profiles.setdefault(event.user_id, self.core.profile())
            seen = self.core.observe(profile, to_action(topic, event), (0, 0, n))
            if seen.step:
                self.core.absorb(seen.step)
            yield event, seen
