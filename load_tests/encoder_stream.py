"""What the encoder's benchmarks share: logs, and a recommender that lives through one with refreshes.

`Shop` does in one process what the worker and the refresh process do together: rank, learn and absorb each event;
train on the newest examples, switch both in one step if the gate lets it.
"""

import copy
import gzip
from collections import deque
from pathlib import Path
from typing import NamedTuple

import msgspec

from freshet.actions import to_action, to_description
from freshet.datasets import read
from freshet.simulator import ShopSettings, simulate
from online_model import (
    DEFAULT_TASKS,
    Action,
    Description,
    Example,
    Heads,
    Kind,
    ModelSettings,
    Profile,
    Recommender,
)
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import described, keys_in
from online_model.encoder.refresh import Refreshed, heads_over, refresh, relearn
from online_model.encoder.settings import EncoderSettings

Record = Description | tuple[str, Action]
DATA = Path("../shared/data")
TASKS = tuple(task.name for task in DEFAULT_TASKS)
NEW_EVENTS = 5  # an item with fewer earlier events is new, as in `freshet evaluate`
SETTINGS = ModelSettings(baselines="none")


class Seen(NamedTuple):
    """One event: the target's task and place (0 the best, −1 not a candidate), and whether its item was new."""

    task: int
    place: int
    new: bool


class Shop:
    """window: the newest examples that a refresh trains on."""

    def __init__(self, encoder: EncoderSettings, window: int = 20_000) -> None:
        self.core, self.settings = Recommender(SETTINGS), encoder
        self.profiles: dict[str, Profile] = {}
        self.descriptions: dict[str, Description] = {}
        self.examples: deque[Example] = deque(maxlen=window)
        self.events = self.refreshes = self.refused = 0

    def take(self, record: Record) -> Seen | None:
        """The next record; what it was worth, if it was a choice."""
        core = self.core
        if isinstance(record, Description):
            self.descriptions[record.item] = record
            core.describe(record)
            return None
        user, action = record
        item = core.items.vocabulary.find(action.item)
        stats = core.items.stats[max(item, 0)]
        before = sum(int(stats[name]) for name in ("clicks", "carts", "purchases", "ratings"))
        profile = self.profiles.setdefault(user, core.profile())
        seen = core.observe(profile, action, (0, 0, self.events))
        self.events += 1
        for example in seen.examples:
            core.learn(example)
            self.examples.append(example)
        if seen.step:
            core.absorb(seen.step)
        return Seen(seen.task, seen.rank, item < 0 or before < NEW_EVENTS) if seen.task >= 0 else None

    def trained(self) -> tuple[Refreshed, CompiledEncoder]:
        """A new encoder, judged; nothing is switched."""
        window = list(self.examples)
        known = described(self.descriptions.values(), keys_in(window))
        result = refresh(window, TASKS, self.settings, self.core.encoder, known)
        version = f"v{self.refreshes + 1}"
        return result, CompiledEncoder(version, TASKS, self.settings, result.weights, known)

    def refresh(self) -> None:
        """As `freshet refresh` does it: no switch to an encoder that is worse."""
        result, encoder = self.trained()
        if result.better:
            self.switch(encoder)
            self.refreshes += 1
        else:
            self.refused += 1

    def switch(self, encoder: CompiledEncoder, heads: str = "going on") -> None:
        """heads: going on as Freshet's do, relearned over the new encoder, or fresh ones."""
        core = self.core
        copied = Heads.load(core.heads.dump(), SETTINGS, core.tasks)
        if heads == "going on":
            core.heads = heads_over(encoder, core.encoder, copied, list(self.examples))
        elif heads == "relearned":
            core.heads = relearn(copied, encoder, list(self.examples))
        else:
            core.heads = Heads(SETTINGS, core.tasks)
        core.encoder = encoder

    def twin(self) -> "Shop":
        """A copy that goes its own way."""
        return copy.deepcopy(self)


def taobao(limit: int | None = None) -> list[Record]:
    found = read(
        "taobao", DATA / "taobao_userbehavior_head/UserBehavior_head.csv.gz", report=print, limit=limit
    )
    return [_record(topic, event) for topic, event, _ in found]


def simulated(events: int, **shop: float) -> list[Record]:
    """Of a simulated shop; its impressions come along, they count as events."""
    settings = msgspec.convert({"seed": 7, **shop}, ShopSettings)
    return [_record(topic, event) for topic, event, _ in simulate(settings, events)]


def movielens() -> list[Record]:
    """Ratings as clicks, in order of time; of each film its genres, its year and its title."""
    folder = DATA / "movielens_100k"
    records: list[Record] = []
    for line in _lines(folder / "ml-100k.item.gz"):
        item, title, year, genres = line.split("\t")
        tags = (*genres.split(), f"year{year[:3]}")
        records.append(Description(item, genres.split()[0] if genres else None, title=title, tags=tags))
    rows = [line.split("\t") for line in _lines(folder / "ml-100k.inter.gz")]
    for n, (user, item, _, seconds) in enumerate(sorted(rows, key=lambda row: int(row[3]))):
        records.append((user, Action(Kind.CLICK, item, int(seconds) * 1000, n)))
    return records


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt") as file:
        return file.read().splitlines()[1:]


def _record(topic: str, event: object) -> Record:
    if topic == "items":
        return to_description(event)  # type: ignore[arg-type]
    return event.user_id, to_action(topic, event)  # type: ignore[attr-defined]
