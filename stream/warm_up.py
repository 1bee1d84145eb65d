"""Compile the kernels, or load them from numba's cache, before the first event comes: 2 s it would have to wait."""

from collections.abc import Sequence

from online_model.actions import Action, Description
from online_model.kinds import Kind
from online_model.recommender import Recommender
from online_model.settings import ModelSettings
from online_model.tasks import Task


def warm_up(settings: ModelSettings, tasks: Sequence[Task]) -> None:
    """Take a recommender that nobody else sees through everything that a real one does."""
    core = Recommender(settings, tasks)
    profile = core.profile()
    for n in range(4):
        core.describe(Description(item=f"item-{n}", category="category"))
        action = Action(kind=Kind.CLICK, item=f"item-{n % 3}", ts=1_000 * n, key=n)
        seen = core.observe(profile, action, (0, 0, n))
        for example in seen.examples:
            core.learn(example)
        if seen.step:
            core.absorb(seen.step)
    core.rank(profile, 5_000)
    core.profile(profile.dump(core.items.vocabulary))
    core.items.load_row("item-0", core.items.dump_row(0))
