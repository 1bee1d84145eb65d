"""Examples of a small simulated shop, and what it says of its items."""

from functools import cache

from freshet.actions import to_action, to_description
from freshet.simulator import ShopSettings, simulate
from online_model import Description, Example, ModelSettings, Recommender
from online_model.encoder.described import Described, described


@cache
def shop_log(shop: ShopSettings, events: int) -> tuple[list[Example], Described]:
    """What the shop's choices teach, in order; its pages are left out, they are no choices."""
    core, profiles, made = Recommender(ModelSettings(baselines="none", influence_ms=0)), {}, list[Example]()
    told: dict[str, Description] = {}
    for n, (topic, event, _) in enumerate(simulate(shop, events)):
        if topic == "items":
            told[event.item_id] = to_description(event)
            core.describe(told[event.item_id])
        elif topic != "impressions":
            profile = profiles.setdefault(event.user_id, core.profile())
            seen = core.observe(profile, to_action(topic, event), (0, 0, n))
            made += seen.examples
            if seen.step:
                core.absorb(seen.step)
    return made, described(told.values())
