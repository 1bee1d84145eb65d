"""A click farm of 1 % of the accounts: with the cap its clicks are worth no more than its accounts."""

import msgspec
import pytest

from freshet.datasets.playback import Playback
from freshet.simulator import ShopSettings, simulate
from freshet.simulator.farm import DAY_MS, Farm, among
from online_model import ModelSettings, Recommender

SHOP = ShopSettings(shoppers=400, items=800, departments=4, visits_a_day=3.0)
EVENTS, PAGE = 4_000, 20
MOST = 1.25  # times the exposure that as many visitors give the item who click on it once


class Outcome(msgspec.Struct):
    """exposure: share of honest shoppers' lists of 20, at the end, that hold the target. row: the target's."""

    exposure: float
    row: bytes


@pytest.fixture(scope="module")
def records():
    return list(simulate(SHOP, EVENTS))


@pytest.fixture(scope="module")
def farm(records) -> Farm:
    """It pushes an item that nobody has touched, 300 times a day and account, from the middle on."""
    events = [record.event for record in records if record.topic != "items"]
    touched = {event.item_id for event in events if hasattr(event, "item_id")}
    target = next(r.event.item_id for r in records if r.topic == "items" and r.event.item_id not in touched)
    begin_ms = events[EVENTS // 2].ts
    return Farm(target=target, accounts=SHOP.shoppers // 100, clicks_a_day=300, begin_ms=begin_ms)


def outcome(records, target: str, influence_ms: int) -> Outcome:
    core = Recommender(ModelSettings(influence_ms=influence_ms, baselines="none"))
    shop = Playback(core)
    for event, seen in shop.play(records):
        for example in seen.examples:
            core.learn(example)
        end_ms = event.ts
    lists = [
        core.rank(profile, end_ms, PAGE).items
        for user, profile in shop.profiles.items()
        if not user.startswith("farm")
    ]
    held = sum(target in items for items in lists)
    return Outcome(held / len(lists), core.items.dump_row(core.items.add(target)))


def test_a_farm_is_worth_no_more_than_its_accounts(records, farm: Farm) -> None:
    visitors = msgspec.structs.replace(farm, clicks_a_day=1)

    by_visitors = outcome(among(records, visitors), farm.target, DAY_MS)
    capped = outcome(among(records, farm), farm.target, DAY_MS)
    uncapped = outcome(among(records, farm), farm.target, 0)

    seen = by_visitors.exposure, capped.exposure, uncapped.exposure
    assert capped.row == by_visitors.row != uncapped.row
    assert 0 < capped.exposure <= MOST * by_visitors.exposure, seen
    assert uncapped.exposure > MOST * capped.exposure, seen


def test_a_farms_clicks_come_in_order_of_time_among_the_shops(records, farm: Farm) -> None:
    smart = msgspec.structs.replace(farm, clicks_a_day=8, within_ms=3_600_000, beside=("one", "other"))

    mixed = [record.event for record in among(records, smart) if record.topic != "items"]

    ours = [event for event in mixed if event.user_id.startswith("farm")]
    assert [event.ts for event in mixed] == sorted(event.ts for event in mixed)
    assert len({event.event_id for event in ours}) == len(ours) > 0
    assert [event for event in mixed if event not in ours] == [r.event for r in records if r.topic != "items"]
    of_first = [event.item_id for event in ours if event.user_id == "farm0000"]
    assert of_first[:4] == [farm.target, "one", farm.target, "other"]
