"""A small world of tastes: a shopper clicks, and now and then buys, items of one category, every event a second on."""

import random
from collections.abc import Callable

import msgspec
import numpy as np
import torch

from online_model import (
    DEFAULT_TASKS,
    Action,
    Description,
    Example,
    Kind,
    ModelSettings,
    Profile,
    Recommender,
)
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.towers import Towers
from online_model.encoder.weights import Weights, from_named

TASTES, ITEMS, SHOPPERS = 6, 120, 60
TASKS = tuple(task.name for task in DEFAULT_TASKS)
SMALL = EncoderSettings(
    dim=8, hidden=16, id_buckets=2048, category_buckets=256, word_buckets=256, batch=64, epochs=2
)
START_MS = 1_700_000_000_000


class World:
    """recommender, profiles: as they were left by the events so far.

    shop: what its items' names begin with. tell: what it says of an item. turned: by how many places everybody's
    taste has moved on. places: where each event's item stood among the candidates, −1 for not.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        shop: str = "item",
        encoder: CompiledEncoder | None = None,
        tell: Callable[[str, int], Description] = lambda item, taste: Description(item, f"taste-{taste}"),
    ) -> None:
        self._random = random.Random(seed)
        self.recommender = Recommender(ModelSettings(influence_ms=0))  # each event teaches, however often
        self.now_ms = START_MS
        self.recommender.encoder = encoder
        self.profiles: dict[int, Profile] = {}
        self.turned, self._shop = 0, shop
        self.places: list[int] = []
        for item in range(ITEMS):
            self.recommender.describe(tell(f"{shop}-{item}", item % TASTES))

    def live(self, events: int) -> list[Example]:
        """So many events, observed, learned and absorbed; their examples."""
        draw, made = self._random, []
        for _ in range(events):
            shopper = draw.randrange(SHOPPERS)
            item = draw.randrange(ITEMS)
            if draw.random() < 0.9:
                item += (shopper + self.turned - item) % TASTES
            kind = Kind.PURCHASE if draw.random() < 0.2 else Kind.CLICK
            made += self.act(shopper, Action(kind, f"{self._shop}-{item % ITEMS}", self.now_ms, self.now_ms))
        return made

    def act(self, shopper: int, action: Action) -> list[Example]:
        """One event; its examples."""
        core = self.recommender
        profile = self.profiles.setdefault(shopper, core.profile())
        seen = core.observe(profile, action, (0, 0, self.now_ms))
        self.places.append(seen.rank)
        self.now_ms += 1_000
        for example in seen.examples:
            core.learn(example)
        if seen.step:
            core.absorb(seen.step)
        return list(seen.examples)


def noise(examples: list[Example], seed: int = 7) -> list[Example]:
    """The same examples, with another row said to be the chosen one: there is nothing to learn from them."""
    draw, made = np.random.default_rng(seed), []
    for example in examples:
        labels = np.frombuffer(example.labels, np.int8).reshape(-1, len(TASKS))
        rolled = np.roll(labels, int(draw.integers(len(labels))), axis=0)
        made.append(msgspec.structs.replace(example, labels=rolled.tobytes()))
    return made


def untrained(seed: int, settings: EncoderSettings = SMALL) -> Weights:
    """Random weights, large enough for each term to show."""
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    moved = {
        name: (array + 0.3 * draw.standard_normal(array.shape)).astype(np.float32)
        for name, array in Towers(settings, len(TASKS)).weights().named().items()
    }
    moved["item.gates"] = draw.uniform(0, 1, settings.id_buckets).astype(np.float32)
    return from_named(moved, settings)
