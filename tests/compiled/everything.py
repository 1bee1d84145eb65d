"""A few events through all that is compiled, in a shop so small that plain Python is fast enough for it.

`python everything.py OUT` writes what came out, by name, as JSON; NUMBA_DISABLE_JIT=1 runs the lines uncompiled.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
from encoder.made_up import made_up
from encoder.taste_world import SMALL, TASKS, untrained
from heads.streams import stream

from freshet.actions import to_action, to_description
from freshet.simulator import ShopSettings, simulate
from online_model.demand import ShopDemand
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.judge import judge
from online_model.encoder.sharing import SHARING
from online_model.encoder.user_towers import USER_TOWERS
from online_model.example import CHOICE, Example
from online_model.heads.table import HEADS
from online_model.item_table import ItemTable
from online_model.progressive import Progressive
from online_model.rankers import RANKERS
from online_model.recommender import Recommender
from online_model.settings import ModelSettings
from online_model.tasks import DEFAULT_TASKS

EVENTS, DAY_MS = 300, 86_400_000
SHOP = ShopSettings(shoppers=15, items=100, departments=2, sections=2, brands=4, page=4)
MODEL = ModelSettings(
    history=12,
    slack=4,
    neighbours=5,
    queries=3,
    covisits=8,
    categories=2,
    per_category=3,
    trending=4,
    units=4,
    rivals=4,
    shown_units=4,
    least_shown=40,
    open_rows=12,
    publish=5,
    new_floor=0.2,
    max_items=80,
    baselines="all",
)
Parts = dict[str, Any]


def everything() -> Parts:
    parts: Parts = {}
    for ranker in RANKERS:
        parts |= {f"{ranker}: {name}": part for name, part in a_shop(ranker).items()}
    for name in HEADS:
        head = HEADS[name](4)
        head.learn(*stream(head.kind, 30))
        parts[f"head {name}"] = head.predict(stream(head.kind, 5, seed=8)[0]).tolist()
    for tower in USER_TOWERS:
        parts[f"tower {tower}"] = logits(tower, "single")
    for way in SHARING:
        parts[f"sharing {way}"] = logits("mean", way)
    return parts


def a_shop(ranker: str) -> Parts:
    """Lists, what is stored, and a forecast, after each event was ranked and learned; an encoder from half on."""
    core, demand = Recommender(msgspec.structs.replace(MODEL, ranker=ranker)), ShopDemand()
    quality, stored = Progressive(DEFAULT_TASKS), dict[str, bytes]()
    lists: list[Any] = []
    choices: list[Example] = []
    offset = 0
    for topic, event, _ in simulate(SHOP, EVENTS):
        if topic == "items":
            core.describe(to_description(event))
            continue
        if offset == EVENTS // 2:
            core.encoder = CompiledEncoder("v", TASKS, SMALL, untrained(7))
        action = to_action(topic, event)
        profile = core.profile(stored.get(event.user_id))
        seen = core.observe(profile, action, (0, 0, offset))
        if action.item and seen.step:
            index = core.items.add(action.item)
            demand.learn(core.items.levels(index), True, int(action.kind), 1.0, action.ts)
        for example in seen.examples:
            quality.watch(core.heads, example)
            core.learn(example)
        choices += [example for example in seen.examples if example.kind == CHOICE]
        if seen.step:
            core.absorb(seen.step)
        stored[event.user_id] = profile.dump(core.items.vocabulary)
        core.items.fit()
        offset += 1
        if offset % 10 == 0:
            profile = core.profile(stored[event.user_id])
            ranking = core.rank(profile, action.ts)
            lists.append([*ranking.items, *ranking.p.ravel().tolist(), *ranking.source])
    explained = core.explain(profile, ranking.items[0], action.ts)
    table, rows = ItemTable(MODEL), [core.items.dump_row(item) for item in range(len(core.items))]
    again = [table.dump_row(table.load_row(f"item {n}", row)) for n, row in enumerate(rows)]
    forecast = demand.forecast(core.items.levels(1), 0, action.ts - 3 * DAY_MS, DAY_MS)
    return {
        "lists": lists,
        "profiles": [stored[user].hex() for user in sorted(stored)],
        "rows": [row.hex() for row in rows],
        "rows loaded": [row.hex() for row in again],
        "ranker": [part.ravel().tolist() for part in core.heads.ranker.state],
        "shown": [part.ravel().tolist() for part in core.heads.shown.state],
        "explained": [sum(task.parts.values()) for task in explained.tasks],
        "forecast": list(forecast),
        "quality": quality.quality(0),
        "judged": judge(core.encoder, choices[-10:], len(TASKS)).loss.tolist(),
    }


def logits(tower: str, way: str) -> list[float]:
    chosen = msgspec.structs.replace(SMALL, user_tower=tower, sharing=way)
    example, known = made_up(3, past=9)
    return CompiledEncoder("v", TASKS, chosen, untrained(5, chosen), known).logits_of(example).tolist()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(everything()))
