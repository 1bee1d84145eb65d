"""Compile the core's kernels, or load them from numba's cache, before the first ranking is asked for."""

import numpy as np

from freshet.settings import Settings
from online_model.demand import ShopDemand
from online_model.recommender import Recommender
from serving.best import best


def warm_up(settings: Settings) -> None:
    """Score with a recommender that nobody else sees, as `scoring` does."""
    core = Recommender(settings.model, [task.task() for task in settings.pair_tasks])
    core.heads.shown.rows = (
        core.settings.least_shown
    )  # by the heads of shown items, as in a shop that shows them
    place = core.items.describe("item", "category")
    core.items.load_row("item", core.items.dump_row(place))
    ranking = core.score(core.profile(core.profile().dump(core.items.vocabulary)), ["item"], 0)
    best(ranking.p.astype("<f2").tobytes(), np.ones(len(core.tasks)), 1, np.ones(1, np.bool_))
    ShopDemand().forecast(core.items.levels(place), 0, 0, 3_600_000)
