"""Compile the core's kernels, or load them from numba's cache, before the first ranking is asked for."""

from freshet.settings import Settings
from online_model.recommender import Recommender


def warm_up(settings: Settings) -> None:
    """Score with a recommender that nobody else sees, as `scoring` does."""
    core = Recommender(settings.model, [task.task() for task in settings.tasks])
    place = core.items.describe("item", "category")
    core.items.load_row("item", core.items.dump_row(place))
    core.score(core.profile(core.profile().dump(core.items.vocabulary)), ["item"], 0)
