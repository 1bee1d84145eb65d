"""The simulated shop: the same by its seed, in order, possible as a shop, and true to its oracle."""

import itertools
import time
from collections import Counter

import msgspec
import numpy as np
import pytest

from freshet.contract.events import decode
from freshet.simulator import ShopSettings, load_shop, simulate

EVENTS = 20_000
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def truths():
    return {}


@pytest.fixture(scope="module")
def records(truths):
    return list(simulate(ShopSettings(), EVENTS, oracle=truths.__setitem__))


@pytest.fixture(scope="module")
def events(records):
    return [record for record in records if record.topic != "items"]


def test_equal_settings_give_equal_records(records):
    assert list(simulate(ShopSettings(), EVENTS)) == records


def test_a_longer_run_begins_with_the_shorter(records):
    assert list(itertools.islice(simulate(ShopSettings(), EVENTS * 2), len(records))) == records


def test_another_seed_is_another_shop(events):
    other = [record for record in simulate(ShopSettings(seed=8), 100) if record.topic != "items"]

    assert [r.event.ts for r in other] != [r.event.ts for r in events[:100]]


def test_there_are_as_many_events_as_asked_for(events):
    assert len(events) == EVENTS
    assert len({record.event.event_id for record in events}) == EVENTS


def test_events_are_in_order_of_time(events):
    assert all(a.event.ts <= b.event.ts for a, b in itertools.pairwise(events))


def test_workers_take_every_event(records):
    for topic, event, _ in records:
        assert decode(topic, msgspec.json.encode(event), now_ms=time.time_ns() // 1_000_000) == event


def test_an_item_is_described_before_it_is_shown_and_is_sold_only_while_available(records):
    described, sold_out = set(), set()
    for topic, event, _ in records:
        if topic == "items":
            described.add(event.item_id)
            (sold_out.discard if event.available else sold_out.add)(event.item_id)
        for item_id in getattr(event, "items", [getattr(event, "item_id", None)]):
            assert item_id is None or item_id in described
    assert sold_out


def test_clicks_carts_and_purchases_follow_their_impression(events):
    shown, clicked, carted = {}, set(), set()
    for topic, event, _ in events:
        choice = (event.request_id, getattr(event, "item_id", None))
        if topic == "impressions":
            shown[event.request_id] = event
            assert len(set(event.items)) == len(event.items)
        elif topic == "clicks":
            assert shown[event.request_id].items[event.position] == event.item_id
            assert shown[event.request_id].context == event.context
            clicked.add(choice)
        elif topic == "carts":
            assert choice in clicked
            carted.add(choice)
        elif topic == "purchases":
            assert choice in carted
    assert carted


def test_every_kind_of_event_comes():
    days = ShopSettings(shoppers=300, items=500)
    counts = Counter(record.topic for record in simulate(days, 15_000))

    assert set(counts) == {
        "items",
        "clicks",
        "carts",
        "purchases",
        "impressions",
        "ratings",
        "searches",
        "feedback",
    }


def test_the_oracle_knows_each_impression_and_is_calibrated(events, truths):
    """Each rate is within four standard errors of the mean of the true probabilities."""
    pages = [record.event for record in events if record.topic == "impressions"]
    done = {
        topic: Counter((r.event.request_id, r.event.item_id) for r in events if r.topic == topic)
        for topic in ("clicks", "carts", "purchases")
    }
    last = events[-1].event.ts - 2 * 3_600_000  # visits that are surely over
    pages = [page for page in pages if page.ts < last]
    for row, topic in enumerate(done):
        p = np.concatenate([truths[page.event_id][row] for page in pages]).astype(float)
        y = np.array([done[topic][page.request_id, item] for page in pages for item in page.items])

        assert len(p) == len(y)
        assert abs(y.mean() - p.mean()) < 4 * np.sqrt((p * (1 - p)).sum()) / len(p)


def test_true_probabilities_tell_clicks_from_the_rest(events, truths):
    """What a perfect model could reach: a click is less likely than a chosen rival in one case of six."""
    clicked = {(r.event.request_id, r.event.item_id) for r in events if r.topic == "clicks"}
    pages = [record.event for record in events if record.topic == "impressions"]
    p = np.concatenate([truths[page.event_id][0] for page in pages])
    y = np.array([(page.request_id, item) in clicked for page in pages for item in page.items])

    assert 0.8 < (p[y][:, None] > p[~y][None, :2000]).mean() < 0.9


def test_tastes_drift_and_trends_pass():
    """A month later the departments' shares of clicks are others, for the shop as for one shopper."""
    settings = ShopSettings(shoppers=200, items=500, launched_later=0, visits_a_day=2)
    category, clicks = {}, []
    for topic, event, _ in simulate(settings, 60_000):
        if topic == "items":
            category[event.item_id] = event.category
        elif topic == "clicks":
            clicks.append((event.ts, category[event.item_id]))
    weeks = (clicks[-1][0] - clicks[0][0]) / 7 / DAY_MS
    first = Counter(path for ts, path in clicks if ts < clicks[0][0] + 2 * DAY_MS)
    later = Counter(path for ts, path in clicks if ts > clicks[-1][0] - 2 * DAY_MS)
    share = {
        path: (first[path] / first.total(), later[path] / later.total()) for path in set(first) | set(later)
    }

    assert weeks > 1
    assert sum(abs(a - b) for a, b in share.values()) / 2 > 0.1


def test_five_thousand_events_take_less_than_a_second_of_one_core():
    begin = time.process_time()
    sum(1 for _ in simulate(ShopSettings(), 10_000))

    assert time.process_time() - begin < 2.0


def test_a_shop_can_be_of_another_size(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_text("seed = 3\nitems = 100\nshoppers = 5\npage = 40\nlaunched_later = 1.0\n")

    records = list(simulate(load_shop(path), 300))

    assert max(len(r.event.items) for r in records if r.topic == "impressions") == 40


@pytest.mark.parametrize(
    ("text", "reason"),
    [("items = 3", "`int` >= 100 - at `$.items`"), ("shops = 1", "unknown field `shops`"), ("=", "Invalid")],
)
def test_a_number_that_does_not_fit_is_named(tmp_path, text, reason):
    path = tmp_path / "shop.toml"
    path.write_text(text)

    with pytest.raises(ValueError, match=reason.replace("$", r"\$")):
        load_shop(path)
