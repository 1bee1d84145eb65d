"""Compile the kernels, or load them from numba's cache, before the first event comes: 2 s it would have to wait."""

from collections.abc import Sequence
from itertools import cycle

from msgspec.structs import replace

from online_model.actions import Action, Description
from online_model.demand import ShopDemand
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.past_kernels import READERS
from online_model.encoder.replay import as_seen_by
from online_model.encoder.settings import EncoderSettings, Sharing, Tower
from online_model.encoder.sharing_kernels import SHARERS
from online_model.encoder.weights import blank
from online_model.kinds import Kind
from online_model.recommender import Recommender
from online_model.settings import ModelSettings
from online_model.tasks import Task


def warm_up(settings: ModelSettings, tasks: Sequence[Task]) -> None:
    """Take a recommender that nobody else sees through everything that a real one does."""
    core = Recommender(replace(settings, least_shown=1), tasks)
    profile = core.profile()
    for n, (sharing, tower) in enumerate(zip(SHARERS, cycle(READERS), strict=False)):
        core.describe(Description(item=f"item-{n}", category="category"))
        page = Action(kind=Kind.IMPRESSION, item="", ts=1_000 * n, key=2 * n, items=("item-0", "item-1"))
        rating = Action(kind=Kind.RATING, item="item-2", ts=1_000 * n, key=2 * n + 1)
        click = Action(kind=Kind.CLICK, item=f"item-{n % 3}", ts=1_000 * n, key=2 * n + 2)
        for place, action in enumerate((page, rating, click)):
            seen = core.observe(profile, action, (0, place, n))
            for example in seen.examples:
                core.learn(as_seen_by(core.encoder, example))
            if seen.step:
                core.absorb(seen.step)
        # a switch in mid-stream must not wait for kernels either
        core.encoder = _encoder(len(tasks), tower, sharing)
    core.rank(profile, 5_000)
    core.profile(profile.dump(core.items.vocabulary))
    core.items.load_row("item-0", core.items.dump_row(0))
    demand = ShopDemand()
    for ts in (1, 2):
        demand.learn(core.items.levels(0), True, 0, 1.0, ts)


def _encoder(tasks: int, tower: Tower, sharing: Sharing) -> CompiledEncoder:
    """An encoder that knows nothing, of the smallest shapes."""
    settings = EncoderSettings(
        dim=4,
        hidden=1,
        id_buckets=8,
        category_buckets=8,
        word_buckets=8,
        user_tower=tower,
        sharing=sharing,
    )
    names = tuple(f"task-{t}" for t in range(tasks))
    return CompiledEncoder("warm-up", names, settings, blank(settings, tasks))
