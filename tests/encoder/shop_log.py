"""Examples of a small simulated shop, and what it says of its items."""

from functools import cache

from freshet.datasets.playback import Playback
from freshet.simulator import ShopSettings, simulate
from online_model import Example, ModelSettings, Recommender
from online_model.encoder.described import Described, described


@cache
def shop_log(shop: ShopSettings, events: int) -> tuple[list[Example], Described]:
    """What the shop's choices teach, in order; its pages are left out, they are no choices."""
    played = Playback(Recommender(ModelSettings(baselines="none", influence_ms=0)))
    choices = (record for record in simulate(shop, events) if record.topic != "impressions")
    made = [example for _, seen in played.play(choices) for example in seen.examples]
    return made, described(played.told.values())
