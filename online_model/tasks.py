"""A task: what is predicted about a shopper and an item, or about an item, and how much one is worth in a blend."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from online_model.kinds import Kind

TaskKind = Literal["binary", "regression", "count"]
Delay = Literal["fnw", "wait", "es-dfm"]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """kind: binary, will there be such an event on the item (a probability); regression, which value would it have
    (Action.value, within `range`); count, how many units in the next window (of the item alone: demand/).

    label: the kind of event. weight: the worth in the blend Σ weight · prediction; may be negative. window_ms: how
    long after an impression the label may still come. delay: fnw, count a shown item as a miss at once and correct
    it when the label comes; wait, count it when the window has passed; es-dfm, count it after elapsed_ms, and correct
    it when the label comes later (late.py). head: a name of heads.HEADS that learns it alone; "" takes the shared
    network of shown.py, and huber for a regression. where: only events and impressions whose `placement` (key
    "placement") equals the given one belong to the task; empty means all of them.

    >>> ad = Task(name="ad_click", label=Kind.CLICK, where={"placement": "ad"})
    >>> ad.covers("ad"), ad.covers("home"), DEFAULT_TASKS[0].covers("home")
    (True, False, True)
    """

    name: str
    label: Kind
    kind: TaskKind = "binary"
    weight: float = 1.0
    window_ms: int = 30 * 60_000
    delay: Delay = "fnw"
    elapsed_ms: int = 15 * 60_000
    head: str = ""
    range: tuple[float, float] = (1.0, 5.0)
    where: Mapping[str, str] = {}

    def covers(self, placement: str) -> bool:
        """Whether events from this placement count for the task at all."""
        return self.where.get("placement", placement) == placement

    @property
    def look_ms(self) -> int:
        """How long after an impression it is first counted."""
        return {"fnw": 0, "wait": self.window_ms, "es-dfm": self.elapsed_ms}[self.delay]


MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000

DEFAULT_TASKS = (
    Task(name="click", label=Kind.CLICK, weight=1.0, window_ms=30 * MINUTE_MS),
    Task(name="cart", label=Kind.CART, weight=3.0, window_ms=24 * HOUR_MS),
    Task(name="purchase", label=Kind.PURCHASE, weight=6.0, window_ms=7 * DAY_MS),
)
