"""A worker's core that has lived through a morning, and what it leaves in Redis: what lookups are compared with."""

import json
import random
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from freshet.contract.heads_state import pack_heads
from freshet.contract.progress import Progress
from freshet.contract.topics import USER_TOPICS
from freshet.contract.user_state import pack_user_state
from online_model import Action, Description, Kind, Profile, Recommender

START = 1_764_000_000_000


class Worker(NamedTuple):
    """A core that has lived through a morning, and its shoppers."""

    core: Recommender
    profiles: dict[str, Profile]
    newest: dict[str, int]

    def expected(self, user: str, items: list[str]) -> list[dict[str, Any]]:
        """As the API shows it: probabilities in half precision, best blend first."""
        ranking = self.core.score(self.profiles[user], items, self.newest[user])
        shown = [
            {
                "item_id": item,
                "scores": dict(
                    zip(("click", "cart", "purchase"), (float(str(half)) for half in p), strict=True)
                ),
                "source": source,
                **({"because": cause} if cause else {}),
            }
            for item, p, source, cause in zip(
                ranking.items, ranking.p.astype(np.float16), ranking.source, ranking.cause, strict=True
            )
        ]
        blends = [
            sum(w * p for w, p in zip((1, 3, 6), item["scores"].values(), strict=True)) for item in shown
        ]
        best_first = sorted(range(len(items)), key=lambda place: -blends[place])
        return [shown[place] | {"score": pytest.approx(blends[place], abs=1e-6)} for place in best_first]


def live_through_a_morning() -> Worker:
    random_ = random.Random(5)
    core, profiles, newest = Recommender(), {}, {}
    for n in range(60):
        core.describe(Description(item=f"i{n}", category=f"c{n % 7}/x", price=float(n), available=n % 9 > 0))
    for n in range(600):
        user, item = f"w/{random_.randrange(12)}", f"i{int(60 * random_.random() ** 2)}"
        profile = profiles.setdefault(user, core.profile())
        newest[user] = START + 7_000 * n
        kind = random_.choice([Kind.CLICK] * 6 + [Kind.CART, Kind.PURCHASE, Kind.HIDE])
        seen = core.observe(profile, Action(kind=kind, item=item, ts=newest[user], key=n), (0, 0, n))
        for example in seen.examples:
            core.learn(example)
        if seen.step:
            core.absorb(seen.step)
    return Worker(core, profiles, newest)


def leave_in_redis(worker: Worker, api: Any) -> None:
    table, keys = worker.core.items, api.keys
    for place, name in enumerate(table.vocabulary.names):
        stats = table.stats[place]
        api.redis.set(keys.row(name), table.dump_row(place))
        category = table.categories.names[stats["category"]]
        described = {
            "category": category,
            "price": float(stats["price"]),
            "available": bool(stats["available"]),
        }
        api.redis.set(keys.description(name), json.dumps({"item_id": name} | described))
    for heat, category in [(1, None), *((0, name) for name in table.categories.names)]:
        listed = [
            (item, float(table.heat[heat, table.vocabulary.find(item)])) for item in table.top_names(category)
        ]
        api.redis.hset(keys.tops(2), category or "", msgspec.msgpack.encode(listed))
    for user, profile in worker.profiles.items():
        blob = pack_user_state([-1] * len(USER_TOPICS), profile.dump(table.vocabulary))
        api.redis.set(keys.profile(user), blob)
    api.redis.set(keys.heads("none"), pack_heads(worker.core.heads.dump(), Progress()))
