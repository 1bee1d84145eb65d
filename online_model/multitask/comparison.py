"""The comparison: which runs it has, what one of them says, and the table of them all."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import torch

from online_model.multitask.architectures import CONTROL
from online_model.multitask.area import area_under_roc
from online_model.multitask.balancing import PLAIN
from online_model.multitask.examples import Problem
from online_model.multitask.gradients import shared_parameters
from online_model.multitask.training import Recipe, build, fit, predict


class Run(msgspec.Struct, frozen=True):
    """auc: of each task, on the rows held out. affinity: cosines by task and task; None where nothing is shared."""

    architecture: str
    balancing: str
    seed: int
    auc: dict[str, float]
    affinity: list[list[float]] | None

    @property
    def names(self) -> tuple[str, str, int]:
        """Those of the recipe behind it."""
        return self.architecture, self.balancing, self.seed


class Row(NamedTuple):
    """mean, spread: over the seeds, of each task's AUC; the spread is the standard deviation, 0 for one seed."""

    architecture: str
    balancing: str
    seeds: int
    mean: dict[str, float]
    spread: dict[str, float]
    affinity: list[list[float]] | None


def recipes(
    problem: Problem, architectures: Sequence[str], balancing: Sequence[str], seeds: int, base: Recipe
) -> list[Recipe]:
    """All runs, the control's first. Where nothing is shared there is nothing to balance: the plain sum alone."""
    out = []
    for architecture in dict.fromkeys([CONTROL, *architectures]):
        named = msgspec.structs.replace(base, architecture=architecture)
        model = build(named, problem.features, problem.tasks)
        shares = shared_parameters(model, problem.train.inputs.rows(torch.arange(1)))
        for way in dict.fromkeys(balancing if shares else [PLAIN]):
            out += [msgspec.structs.replace(named, balancing=way, seed=seed) for seed in range(1, seeds + 1)]
    return out


def measure(recipe: Recipe, problem: Problem, progress: Callable[[int, int], Any]) -> Run:
    """Train on the training rows, measure on the others."""
    fitted = fit(recipe, problem.features, problem.tasks, problem.train, progress=progress)
    scores, labels = predict(fitted.model, problem.test.inputs), problem.test.labels.numpy() > 0
    auc = {task: area_under_roc(scores[:, t], labels[:, t]) for t, task in enumerate(problem.tasks)}
    affinity = None if fitted.affinity is None else fitted.affinity.tolist()
    return Run(recipe.architecture, recipe.balancing, recipe.seed, auc, affinity)


def rows(runs: Iterable[Run]) -> list[Row]:
    """The runs of an architecture and a way of balancing as one row, in the order they came."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.architecture, run.balancing), []).append(run)
    return [_row(*names, group) for names, group in groups.items()]


def _row(architecture: str, balancing: str, runs: list[Run]) -> Row:
    auc = {task: np.array([run.auc[task] for run in runs]) for task in runs[0].auc}
    mean = {task: float(values.mean()) for task, values in auc.items()}
    spread = {task: float(values.std(ddof=1)) if len(runs) > 1 else 0.0 for task, values in auc.items()}
    cosines = [run.affinity for run in runs if run.affinity]
    affinity = np.mean(cosines, axis=0).tolist() if cosines else None
    return Row(architecture, balancing, len(runs), mean, spread, affinity)
