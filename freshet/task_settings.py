"""Tasks as settings: how a `[[tasks]]` table becomes a task of the learning core."""

from typing import Annotated

from msgspec import Meta, Struct

from online_model.heads import HEADS
from online_model.kinds import Kind
from online_model.tasks import Delay, Task, TaskKind

_UNIT_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LABELS = {
    "clicks": Kind.CLICK,
    "carts": Kind.CART,
    "purchases": Kind.PURCHASE,
    "ratings": Kind.RATING,
    "feedback": Kind.HIDE,
}
_TIME = r"^[1-9][0-9]*[smhd]$"
_LABELS_OF: dict[TaskKind, set[str]] = {
    "binary": set(_LABELS) - {"ratings"},
    "regression": {"ratings"},
    "count": {"clicks", "carts", "purchases"},
}


class TaskSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One `[[tasks]]` table.

    kind: binary (will it happen), regression (which rating) or count (how many units of an item in the next window).
    label: the topic whose events are positives. window: how long after an impression the label may still come, such
    as "30m"; of a count, how long is counted. weight: its worth in the blend; negative for what is to be avoided.
    delay: fnw (a shown item is a miss at once, corrected when the label comes), wait (until the window has passed) or
    es-dfm (counted when `elapsed` has passed, corrected when the label comes later). head: which head learns it,
    alone; by default what all share (huber for a regression). range: least and greatest value of a regression.
    per: a count is of an item. where: only events and impressions whose placement equals this belong to the task.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    kind: TaskKind = "binary"
    label: Annotated[str, Meta(pattern="^(" + "|".join(_LABELS) + ")$")]
    window: Annotated[str, Meta(pattern=_TIME)] = "30m"
    weight: float = 1.0
    delay: Delay = "fnw"
    elapsed: Annotated[str, Meta(pattern=_TIME)] = "15m"
    head: str = ""
    range: tuple[float, float] = (1.0, 5.0)
    per: Annotated[str, Meta(pattern="^(pair|item)$")] = "pair"
    where: dict[str, str] = {}

    def __post_init__(self) -> None:
        if self.label not in _LABELS_OF[self.kind]:
            allowed = ", ".join(sorted(_LABELS_OF[self.kind]))
            raise ValueError(f"{self.kind} task {self.name} takes label {allowed}; got {self.label}")
        if (self.kind == "count") != (self.per == "item"):
            raise ValueError(
                f'task {self.name}: kind = "count" goes with per = "item", and no other kind does'
            )
        if not self.range[0] < self.range[1]:
            raise ValueError(f"task {self.name}: range goes from less to more; got {list(self.range)}")
        if self.delay == "es-dfm" and _ms(self.elapsed) >= _ms(self.window):
            raise ValueError(
                f"task {self.name}: elapsed is less than window; got {self.elapsed}, {self.window}"
            )
        heads = sorted(name for name, head in HEADS.items() if head.kind == self.kind)
        if self.head and self.head not in heads:
            raise ValueError(
                f"task {self.name}: head is one of {', '.join(heads) or 'none'}; got {self.head!r}"
            )
        if set(self.where) - {"context.placement"}:
            raise ValueError(f"task {self.name}: where knows context.placement; got {sorted(self.where)}")

    def task(self) -> Task:
        """The core's task.

        >>> TaskSettings(name="cart", label="carts", window="24h", weight=3.0).task().window_ms
        86400000
        """
        return Task(
            name=self.name,
            label=_LABELS[self.label],
            kind=self.kind,
            weight=self.weight,
            window_ms=_ms(self.window),
            delay=self.delay,
            elapsed_ms=_ms(self.elapsed),
            head=self.head,
            range=self.range,
            where={name.removeprefix("context."): value for name, value in self.where.items()},
        )


def _ms(time: str) -> int:
    return int(time[:-1]) * _UNIT_MS[time[-1]]


DEFAULT_TASKS = (
    TaskSettings(name="click", label="clicks", window="30m", weight=1.0),
    TaskSettings(name="cart", label="carts", window="24h", weight=3.0),
    TaskSettings(name="purchase", label="purchases", window="7d", weight=6.0),
    TaskSettings(name="demand", kind="count", label="purchases", per="item", window="24h"),
)
