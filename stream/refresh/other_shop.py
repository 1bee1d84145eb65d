"""Another shop's log as examples, so that a shop that has just opened need not begin from nothing."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from freshet.actions import to_action, to_description
from freshet.datasets import read
from online_model import Description, Example, ModelSettings, Profile, Recommender
from online_model.encoder.choices import collect
from online_model.encoder.described import Described, described, keys_in
from online_model.encoder.transfer import Source
from online_model.tasks import Task


class OtherShop(NamedTuple):
    """name: as it was asked for. source: its choices, with their weight. known: what it says of its items."""

    name: str
    source: Source
    known: Described


def other_shop(
    form: str,
    path: Path,
    weight: float,
    settings: ModelSettings,
    tasks: Sequence[Task],
    most: int,
    report: Callable[[str], None],
) -> OtherShop:
    """Play a file as a worker would, and keep the newest `most` examples.

    weight: λ of transfer.py. report: called with a sentence for each line left out. ValueError when the file holds no
    choice for the tasks.
    """
    core = Recommender(msgspec.structs.replace(settings, baselines="none"), tasks)
    profiles: dict[str, Profile] = {}
    told: dict[str, Description] = {}
    made: deque[Example] = deque(maxlen=most)
    for n, (topic, event, _) in enumerate(read(form, path, report=report)):
        if topic == "items":
            told[event.item_id] = to_description(event)
            core.describe(told[event.item_id])
            continue
        profile = profiles.setdefault(event.user_id, core.profile())
        seen = core.observe(profile, to_action(topic, event), (0, 0, n))
        made += seen.examples
        if seen.step:
            core.absorb(seen.step)
    examples = list(made)
    choices = collect(examples, len(tasks))
    if not len(choices.task):
        names = ", ".join(task.name for task in tasks)
        raise ValueError(f"{form}:{path} holds no choice for the tasks {names}")
    return OtherShop(f"{form}:{path}", Source(choices, weight), described(told.values(), keys_in(examples)))
