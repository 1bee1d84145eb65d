"""Actions of a small shop: what the tests of the core feed on."""

import random
from collections.abc import Iterable, Iterator

from online_model import Action, Description, Kind, ModelSettings, Observation, Profile, Recommender

START_MS = 1_700_000_000_000
KINDS = (Kind.CLICK, Kind.CLICK, Kind.CLICK, Kind.CART, Kind.PURCHASE, Kind.RATING, Kind.UNCART, Kind.HIDE)


def acts(count: int, *, seed: int = 7, items: int = 60, users: int = 12) -> Iterator[tuple[str, Action]]:
    """(user, action) in order of time, ten seconds apart."""
    draw = random.Random(seed)
    for n in range(count):
        kind = draw.choice(KINDS)
        item = f"item-{int(items * draw.random() ** 2)}"  # some are liked more than others
        value = float(draw.randint(1, 5)) if kind == Kind.RATING else 1.0
        yield (
            f"user-{draw.randrange(users)}",
            Action(kind, item, START_MS + 10_000 * n, draw.getrandbits(64), value),
        )


class Shop:
    """A core and its shoppers, fed in order. seen: what came of each action."""

    def __init__(self, core: Recommender | None = None) -> None:
        uncapped = ModelSettings(influence_ms=0)  # they act on few items, again and again
        self.core, self.profiles = core or Recommender(uncapped), dict[str, Profile]()
        self.seen: list[Observation] = []
        for item in range(60):
            self.core.describe(Description(f"item-{item}", f"category-{item % 5}", 10.0 + item))

    def take(self, log: Iterable[tuple[str, Action]]) -> "Shop":
        """Each action: observed, learned, absorbed."""
        core = self.core
        for user, action in log:
            profile = self.profiles.setdefault(user, core.profile())
            seen = core.observe(profile, action, (0, 0, len(self.seen)))
            self.seen.append(seen)
            for example in seen.examples:
                core.learn(example)
            if seen.step:
                core.absorb(seen.step)
        return self
