"""A recorded stream made live: evenly paced, dated now, otherwise as it was."""

import msgspec

from freshet.contract.events import Click, Item
from freshet.datasets import Record
from freshet.datasets.live import Pace, Redate


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self):
        self.now, self.slept = 100.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_a_pace_is_even_makes_up_short_pauses_and_not_long_ones():
    clock = Clock()
    pace = Pace(10, clock, clock.sleep)
    moments = []
    for pause in (0, 0, 0.05, 0.15, 0, 5, 0):
        clock.now += pause
        pace.wait()
        moments.append(round(clock.now, 6))

    assert moments == [100.0, 100.1, 100.2, 100.35, 100.4, 105.4, 105.5]


def test_redating_changes_date_and_id_alone():
    redate = Redate(7, clock=lambda: 1.5)
    click = Click(event_id="e", user_id="u", ts=5, item_id="i", position=3)
    raw = b'{"event_id": "e", "user_id": "u", "ts": 5, "item_id": "i", "colour": "red"}'

    assert redate(Record("items", Item(item_id="i"))) == Item(item_id="i")
    assert redate(Record("clicks", click)) == msgspec.structs.replace(click, ts=1500, event_id="now7.1")
    assert redate(Record("clicks", click, raw)) == {
        "event_id": "now7.2",
        "user_id": "u",
        "ts": 1500,
        "item_id": "i",
        "colour": "red",
    }
