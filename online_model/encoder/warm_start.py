"""Begin from an encoder that there is."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.sharing_kernels import CHAIN, SHARERS, SharedWeights
from online_model.encoder.weights import TrunkWeights, Weights

LAST = {"out": 1, "out_bias": 0, "skip": 0}  # where the arrays of the last layer have their tasks
Arrays = TypeVar("Arrays", SharedWeights, TrunkWeights)


def begun_from(live: CompiledEncoder, fresh: Weights, tasks: Sequence[str]) -> Weights:
    """The live encoder's arrays, with the tasks in this order; new tasks begin as `fresh` has them, and so does all
    whose shape is another. With other towers nothing is taken, with another way of sharing the towers alone.
    """
    old = live.weights
    if _shapes(old.item) + _shapes(old.user) != _shapes(fresh.item) + _shapes(fresh.user):
        return fresh
    by_task = SHARERS[live.settings.sharing].by_task
    trunk, shared = fresh.trunk, fresh.shared
    if type(old.shared) is type(shared) and _shapes(old.shared, by_task) == _shapes(shared, by_task):
        shared = _by_name(old.shared, shared, by_task, live.tasks, tasks)
        trunk = _by_name(old.trunk, trunk, LAST, live.tasks, tasks)
    return Weights(old.item, old.user, old.asked, shared, trunk)


def _by_name(
    old: Arrays, fresh: Arrays, by_task: Mapping[str, int], were: Sequence[str], tasks: Sequence[str]
) -> Arrays:
    """`old` with its tasks, named by `were`, in the order of `tasks`."""
    made: dict[str, NDArray[np.float32]] = {}
    for name, array in fresh._asdict().items():
        axis, was = by_task.get(name), getattr(old, name)
        if axis is None or tuple(were) == tuple(tasks):
            made[name] = was
        elif axis == CHAIN:
            made[name] = array
        else:
            taken = np.moveaxis(array.copy(), axis, 0)
            for t, task in enumerate(tasks):
                if task in were:
                    taken[t] = np.moveaxis(was, axis, 0)[were.index(task)]
            made[name] = np.moveaxis(taken, 0, axis)
    return type(fresh)(**made)


def _shapes(weights: Any, by_task: Mapping[str, int] = MappingProxyType({})) -> list[tuple[int, ...]]:
    """Of all arrays, without their axes of tasks."""
    return [
        array.shape if axis is None else array.shape[:axis] + array.shape[axis + 1 :]
        for name, array in weights._asdict().items()
        if (axis := by_task.get(name)) != CHAIN
    ]
