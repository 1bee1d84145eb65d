"""Tasks as settings: how a `[[tasks]]` table becomes a task of the learning core."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from online_model.kinds import Kind
from online_model.tasks import Task

_UNIT_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LABELS = {"clicks": Kind.CLICK, "carts": Kind.CART, "purchases": Kind.PURCHASE, "feedback": Kind.HIDE}


class TaskSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One `[[tasks]]` table. label: the topic whose events are positives. window: how long after an impression
    the label may still come, such as "30m". weight: its worth in the blend; negative for what is to be avoided.
    where: only events and impressions whose placement equals this belong to the task."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    kind: Literal["binary"] = "binary"
    label: Literal["clicks", "carts", "purchases", "feedback"]
    window: Annotated[str, Meta(pattern=r"^[1-9][0-9]*[smhd]$")] = "30m"
    weight: float = 1.0
    where: dict[Literal["context.placement"], str] = {}

    def task(self) -> Task:
        """The core's task.

        >>> TaskSettings(name="cart", label="carts", window="24h", weight=3.0).task().window_ms
        86400000
        """
        return Task(
            name=self.name,
            label=_LABELS[self.label],
            weight=self.weight,
            window_ms=int(self.window[:-1]) * _UNIT_MS[self.window[-1]],
            where={name.removeprefix("context."): value for name, value in self.where.items()},
        )


DEFAULT_TASKS = (
    TaskSettings(name="click", label="clicks", window="30m", weight=1.0),
    TaskSettings(name="cart", label="carts", window="24h", weight=3.0),
    TaskSettings(name="purchase", label="purchases", window="7d", weight=6.0),
)
