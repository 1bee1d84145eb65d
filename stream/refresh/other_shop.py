"""Another shop's log as examples, so that a shop that has just opened need not begin from nothing."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from freshet.datasets import read
from freshet.datasets.playback import Playback
from online_model import Example, ModelSettings, Recommender
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
    shop = Playback(Recommender(msgspec.structs.replace(settings, baselines="none"), tasks))
    made: deque[Example] = deque(maxlen=most)
    for _, seen in shop.play(read(form, path, report=report)):
        made += seen.examples
    examples = list(made)
    choices = collect(examples, len(tasks))
    if not len(choices.task):
        names = ", ".join(task.name for task in tasks)
        raise ValueError(f"{form}:{path} holds no choice for the tasks {names}")
    return OtherShop(
        f"{form}:{path}", Source(choices, weight), described(shop.told.values(), keys_in(examples))
    )
