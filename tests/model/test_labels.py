"""Labels of shown items: which page an action belongs to, and what each way of waiting tells, and when."""

from collections.abc import Iterator

import numpy as np
import pytest

from online_model import DEFAULT_TASKS, Action, Kind, Profile, Recommender, Task
from online_model.example import FINAL_MISS, HIT, LATE, LATE_HIT, MISS, PARTS, SHOWN, Example
from online_model.settings import ModelSettings
from online_model.tasks import DAY_MS, MINUTE_MS

START_MS = 1_700_000_000_000
OFFSETS: Iterator[int] = iter(range(10**9))


class Shopper:
    """One shopper of a core of their own; `does` returns (kind, {item row: labels}) of what an action teaches."""

    def __init__(self, *tasks: Task, **settings: int) -> None:
        self.core = Recommender(ModelSettings(**settings), tasks or DEFAULT_TASKS)
        self.profile: Profile = self.core.profile()
        self.names = {}

    def does(
        self,
        kind: Kind,
        item: str = "",
        *,
        at: int = 0,
        shown: str = "",
        request: int = 0,
        placement: str = "",
    ):
        offset = next(OFFSETS)
        action = Action(kind, item, START_MS + at, offset, 1.0, tuple(shown), placement, request)
        self.names |= {
            self.core.items.keys[self.core.items.add(name)] & 0xFFFFFFFF: name for name in (*shown, item)
        }
        seen = self.core.observe(self.profile, action, (0, 0, offset))
        return [self.told(example) for example in seen.examples if example.kind in (SHOWN, LATE)]

    def sees(self, shown: str, *, at: int = 0, request: int = 0, placement: str = ""):
        return self.does(Kind.IMPRESSION, at=at, shown=shown, request=request, placement=placement)

    def told(self, example: Example) -> tuple[int, dict[str, list[int]]]:
        names = [self.names[key] for key in np.frombuffer(example.items, "<u4").tolist()]
        labels = np.frombuffer(example.labels, np.int8).reshape(len(names), -1).tolist()
        return example.kind, dict(zip(names, labels, strict=True))


CLICK = Task(name="click", label=Kind.CLICK, window_ms=30 * MINUTE_MS)


def test_what_is_shown_is_a_miss_at_once_and_what_happens_corrects_it() -> None:
    shopper = Shopper()

    shown = shopper.sees("abc")
    clicked = shopper.does(Kind.CLICK, "b", at=5_000)
    carted = shopper.does(Kind.CART, "b", at=9_000)

    assert shown == [(SHOWN, {name: [MISS] * 3 for name in "abc"})]
    assert clicked == [(LATE, {"b": [LATE_HIT, -1, -1]})]
    assert carted == [(LATE, {"b": [-1, LATE_HIT, -1]})]


def test_the_features_of_a_label_are_those_of_the_moment_it_was_shown() -> None:
    shopper = Shopper()
    core = shopper.core
    page = Action(Kind.IMPRESSION, "", START_MS, 1, items=("a", "b"))
    seen = core.observe(shopper.profile, page, (0, 0, 1))
    core.absorb(seen.step)  # the item's own numbers change meanwhile

    late = core.observe(shopper.profile, Action(Kind.CLICK, "b", START_MS + 1, 2), (0, 0, 2)).examples[-1]

    halves = np.frombuffer(seen.examples[0].features, "<u2").reshape(-1, 2)
    assert late.kind == LATE and late.ts == START_MS
    assert late.features == halves[:, 1].tobytes()
    assert late.p == np.frombuffer(seen.examples[0].p, "<f2").reshape(2, 3)[1].tobytes()


def test_a_second_click_tells_nothing_new() -> None:
    shopper = Shopper(CLICK)
    shopper.sees("ab")

    assert shopper.does(Kind.CLICK, "a", at=1)
    assert shopper.does(Kind.CLICK, "a", at=2) == []


@pytest.mark.parametrize(("after", "told"), [(30 * MINUTE_MS, True), (30 * MINUTE_MS + 1, False)])
def test_a_label_counts_within_its_window(after: int, told: bool) -> None:
    shopper = Shopper(CLICK)
    shopper.sees("ab")

    assert bool(shopper.does(Kind.CLICK, "a", at=after)) is told


def test_an_action_belongs_to_the_page_of_its_request() -> None:
    shopper = Shopper(CLICK)
    shopper.sees("ax", at=0, request=1)
    shopper.sees("ay", at=10, request=2)

    assert shopper.does(Kind.CLICK, "a", at=20, request=1)
    first, second = shopper.profile.pages[::-1]

    assert (first.matrix() == HIT).any() and not (second.matrix() == HIT).any()


def test_without_a_request_it_is_the_newest_page_or_the_one_where_the_item_was_taken() -> None:
    shopper = Shopper()
    shopper.sees("ax", at=0)
    shopper.sees("ay", at=10)
    shopper.does(Kind.CLICK, "a", at=20)  # of the newest page
    shopper.sees("az", at=30)

    shopper.does(Kind.PURCHASE, "a", at=40)

    assert [page.matrix()[0].tolist() for page in shopper.profile.pages] == [[0, 0, 0], [1, 0, 1], [0, 0, 0]]


def test_a_click_that_is_read_before_its_page_is_told_with_the_page() -> None:
    shopper = Shopper(CLICK)

    assert shopper.does(Kind.CLICK, "b", at=50, request=7) == []
    told = shopper.sees("ab", at=10, request=7)

    assert told == [(SHOWN, {"a": [MISS], "b": [MISS]}), (LATE, {"b": [LATE_HIT]})]
    assert shopper.profile.early == []


def test_clicks_without_pages_are_remembered_up_to_a_limit() -> None:
    shopper = Shopper(CLICK, early=3)
    for n in range(5):
        shopper.does(Kind.CLICK, "abcde"[n], at=n, request=1)

    assert [early.ts - START_MS for early in shopper.profile.early] == [4, 3, 2]


def test_a_shop_without_impressions_keeps_no_actions_for_them() -> None:
    shopper = Shopper(CLICK)
    shopper.does(Kind.CLICK, "a")

    assert shopper.profile.early == []


def test_a_task_of_one_placement_looks_at_its_pages_alone() -> None:
    ads = Task(name="ad_click", label=Kind.CLICK, where={"placement": "ad"})
    shopper = Shopper(CLICK, ads)

    assert shopper.sees("a", at=0, placement="home") == [(SHOWN, {"a": [MISS, -1]})]
    assert shopper.sees("b", at=1, placement="ad") == [(SHOWN, {"b": [MISS, MISS]})]
    assert shopper.does(Kind.CLICK, "a", at=2, placement="home") == [(LATE, {"a": [LATE_HIT, -1]})]
    assert shopper.does(Kind.CLICK, "b", at=3, placement="ad") == [(LATE, {"b": [LATE_HIT, LATE_HIT]})]


def test_wait_tells_once_when_the_window_has_passed() -> None:
    shopper = Shopper(Task(name="click", label=Kind.CLICK, window_ms=MINUTE_MS, delay="wait"))

    assert shopper.sees("ab") == [(SHOWN, {"a": [-1], "b": [-1]})]
    assert shopper.does(Kind.CLICK, "a", at=10_000) == []
    assert shopper.does(Kind.SEARCH, at=MINUTE_MS) == []
    assert shopper.does(Kind.SEARCH, at=MINUTE_MS + 1) == [(LATE, {"a": [HIT], "b": [MISS]})]
    assert shopper.profile.pages == []


def test_es_dfm_tells_what_has_come_then_what_comes_late_then_what_never_came() -> None:
    task = Task(name="buy", label=Kind.PURCHASE, window_ms=DAY_MS, delay="es-dfm", elapsed_ms=MINUTE_MS)
    shopper = Shopper(task)

    assert shopper.sees("abc") == [(SHOWN, {name: [-1] for name in "abc"})]
    assert shopper.does(Kind.PURCHASE, "a", at=30_000) == []
    assert shopper.does(Kind.SEARCH, at=MINUTE_MS + 1) == [(LATE, {"a": [HIT], "b": [MISS], "c": [MISS]})]
    assert shopper.does(Kind.PURCHASE, "b", at=5 * MINUTE_MS) == [(LATE, {"b": [LATE_HIT]})]
    assert shopper.does(Kind.SEARCH, at=DAY_MS + 1) == [(LATE, {"a": [-1], "b": [-1], "c": [FINAL_MISS]})]


def test_pages_beyond_the_limit_are_cut_to_what_was_taken_of_them() -> None:
    shopper = Shopper(open_rows=4)
    shopper.sees("ab", at=0)
    shopper.does(Kind.CLICK, "a", at=1)
    shopper.sees("cd", at=2)

    shopper.sees("ef", at=3)

    assert [page.rows for page in shopper.profile.pages] == [2, 1]  # e and f; a of the oldest
    assert shopper.does(Kind.PURCHASE, "a", at=4) == [(LATE, {"a": [-1, -1, LATE_HIT]})]
    assert shopper.does(Kind.CLICK, "b", at=5) == []  # let go


def test_what_had_waited_on_a_page_let_go_is_told() -> None:
    shopper = Shopper(Task(name="click", label=Kind.CLICK, delay="wait"), open_rows=2)
    shopper.sees("ab", at=0)
    shopper.does(Kind.CLICK, "b", at=1)

    told = shopper.sees("cd", at=2)

    assert told[1:] == [(LATE, {"a": [MISS], "b": [HIT]})]


def test_a_profile_with_pages_comes_back_from_its_dump() -> None:
    shopper = Shopper()
    shopper.does(Kind.CLICK, "x", at=-5, request=3)
    shopper.sees("abc", at=0, request=1, placement="home")
    shopper.does(Kind.CLICK, "b", at=1, request=1)
    data = shopper.profile.dump(shopper.core.items.vocabulary)

    again = shopper.core.profile(data)

    assert (again.pages, again.early) == (shopper.profile.pages, shopper.profile.early)
    assert len(again.early) == 1 and (again.shown, again.clicked) == (3, 2)
    assert again.dump(shopper.core.items.vocabulary) == data


def test_parts_suffice_for_every_page_that_can_be_told_of_at_once() -> None:
    assert 2 * ModelSettings().open_rows + 2 <= PARTS
