"""Which tasks a step trains: `schedule(step, of how many, tasks)` → their numbers. A new one is a file and a line."""

from collections.abc import Callable

from online_model.multitask.schedules.alternating import alternating
from online_model.multitask.schedules.joint import joint
from online_model.multitask.schedules.staged import staged

__all__ = ["SCHEDULES", "Schedule"]

Schedule = Callable[[int, int, int], tuple[int, ...]]

SCHEDULES: dict[str, Schedule] = {"joint": joint, "alternating": alternating, "staged": staged}
