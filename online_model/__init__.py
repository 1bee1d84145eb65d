"""The learning core: ranks, observes and learns. Pure: no Kafka, Redis, HTTP, clock or environment.

rec = Recommender()
seen = rec.observe(profile, action, source)   # rank as of before the action, make examples, fold the profile
for example in seen.examples: rec.learn(example)
rec.absorb(seen.step)
rec.rank(profile, now_ms, k=20)
"""

import online_model.stale_code  # noqa: F401 - before anything compiled is imported
from online_model.actions import Action, Description, Step
from online_model.example import Example
from online_model.heads import Heads
from online_model.item_table import ItemTable
from online_model.kinds import Kind
from online_model.profile import Profile
from online_model.ranking import Observation, Ranking
from online_model.recommender import Recommender
from online_model.settings import ModelSettings
from online_model.tasks import DEFAULT_TASKS, Task
from online_model.vocabulary import Vocabulary

__all__ = [
    "DEFAULT_TASKS",
    "Action",
    "Description",
    "Example",
    "Heads",
    "ItemTable",
    "Kind",
    "ModelSettings",
    "Observation",
    "Profile",
    "Ranking",
    "Recommender",
    "Step",
    "Task",
    "Vocabulary",
]
