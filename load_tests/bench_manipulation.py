"""How far does a click farm of 1 % of the accounts lift one item, with the cap on one account's influence and without?

Exposure: share of honest shoppers' lists of 20 that hold the item, one list after each tenth of their events since the
farm began, on the simulated shop; beside it what as many visitors give the item who click on it once a day. Wanted:
with the cap no farm gives it more than MOST times as much as these visitors (tests/simulator/test_farm.py holds it).
`make load_tests/bench_manipulation.py [ARGS="--events N --seed N"]`
"""

import argparse
from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from freshet.datasets.playback import Playback
from freshet.datasets.record import Record
from freshet.simulator import ShopSettings, simulate
from freshet.simulator.farm import Farm, among
from online_model.recommender import Recommender
from online_model.settings import ModelSettings

MOST = 1.25
CAPS_MS = {"on": 86_400_000, "off": 0}
DAY_MS, MINUTE_MS = 86_400_000, 60_000
LOOKED_AT = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    shop = ShopSettings(seed=args.seed)
    records = list(simulate(shop, args.events))
    farms = farms_of(records, shop.shoppers // 100)
    table = Table("who pushes it", "cap", "lists with the item", "times nobody", "times visitors", box=None)
    for cap, window_ms in CAPS_MS.items():
        without = exposure(records, farms["steady"], window_ms)
        table.add_row("nobody", cap, f"{without:.2%}", "1")
        shares = {name: exposure(among(records, farm), farm, window_ms) for name, farm in farms.items()}
        for name, share in shares.items():
            factors = share / without, share / shares["visitors"]
            table.add_row(name, cap, f"{share:.2%}", *(f"{factor:.1f}" for factor in factors))
        if window_ms and max(shares.values()) > MOST * shares["visitors"]:
            print(f"missed: a farm gives more than {MOST} times as much as visitors")
    Console(width=100).print(table)


def farms_of(records: list[Record], accounts: int) -> dict[str, Farm]:
    """From two fifths of the events on: a click a day and account; 200, over the day or in ten minutes; and eight, each
    followed by one on an item that sells. The target: three quarters of what is clicked is clicked less or as seldom.
    """
    events = [record.event for record in records if record.topic != "items"]
    begin_ms = events[len(events) * 2 // 5].ts
    clicks = Counter(r.event.item_id for r in records if r.topic == "clicks" and r.event.ts < begin_ms)
    best = [item for item, _ in clicks.most_common()]
    target, popular = best[len(best) // 4], tuple(best[:40])

    def farm(clicks_a_day: int, within_ms: int, beside: tuple[str, ...] = ()) -> Farm:
        return Farm(
            target=target,
            accounts=accounts,
            clicks_a_day=clicks_a_day,
            begin_ms=begin_ms,
            within_ms=within_ms,
            beside=beside,
        )

    return {
        "visitors": farm(1, DAY_MS),
        "steady": farm(200, DAY_MS),
        "burst": farm(200, 10 * MINUTE_MS),
        "like shoppers": farm(8, DAY_MS, popular),
    }


def exposure(records: Iterable[Record], farm: Farm, window_ms: int) -> float:
    """Share of honest lists since the farm's begin that hold its target."""
    core = Recommender(ModelSettings(influence_ms=window_ms, baselines="none"))
    shop = Playback(core)
    held = lists = honest = 0
    for event, seen in shop.play(records):
        for example in seen.examples:
            core.learn(example)
        if event.ts >= farm.begin_ms and not event.user_id.startswith("farm"):
            honest += 1
            if honest % LOOKED_AT == 0:
                lists += 1
                held += farm.target in core.rank(shop.profiles[event.user_id], event.ts, 20).items
    return held / lists


if __name__ == "__main__":
    main()
