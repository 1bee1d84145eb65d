"""From a table of text to a problem: a third of its rows held out, the rest as numbers and categories."""

import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from online_model.multitask.examples import Examples, Problem
from online_model.multitask.inputs import Features, Inputs

HELD_OUT = 3  # one row in so many
BINS = 50  # of a number, equally full: 20 gave a thousandth less AUC on training rows set aside, none two


class DataError(ValueError):
    """A table that no problem can be made of; the text says what is wrong and what to do."""


class Table(NamedTuple):
    """columns: name → texts, the inputs. dense: those of them that are numbers. labels: task → bool[n].

    held_out: bool[n], True where a row is in the third that nothing is learned from.
    """

    columns: Mapping[str, Sequence[str]]
    dense: Collection[str]
    labels: Mapping[str, NDArray[np.bool_]]
    held_out: NDArray[np.bool_]


def is_held_out(line: str) -> bool:
    """Decided by the line alone (CRC-32 modulo 3): the same in every run, and equal lines are on the same side."""
    return zlib.crc32(line.encode()) % HELD_OUT == 0


def problem_of(table: Table) -> Problem:
    """Standardize the numbers, number the categories: both as the training rows have them. A number is a category
    too, by its bin: a network alone draws steps (nobody below 15 earns) slowly. Gorishniy, Rubachev & Babenko, "On
    embeddings for numerical features in tabular deep learning", NeurIPS 2022.

    DataError when a task has no hit or no miss on one of the sides, or fewer than two tasks are left to compare.
    """
    if len(table.labels) < 2:
        raise DataError(f"at least two labels are needed; got {', '.join(table.labels) or 'none'}")
    for side, rows in ("training", ~table.held_out), ("held-out", table.held_out):
        for task, label in table.labels.items():
            if label[rows].all() or not label[rows].any():
                raise DataError(f"label {task!r} is the same in all {rows.sum()} {side} rows")
    train = ~table.held_out
    numbers = [np.array(table.columns[name], np.float64) for name in table.dense]
    dense = [_standardized(x, train) for x in numbers]
    categories = [_numbered(texts, train) for name, texts in table.columns.items() if name not in table.dense]
    categories += [_binned(x, train) for x in numbers]
    features = Features(len(dense), tuple(int(ids[train].max()) + 1 for ids in categories))
    everything = Examples(
        Inputs(_tensor(dense, np.float32, len(train)), _tensor(categories, np.int64, len(train))),
        _tensor(list(table.labels.values()), np.float32, len(train)),
    )
    sides = (everything.rows(torch.from_numpy(np.flatnonzero(rows))) for rows in (train, ~train))
    return Problem(tuple(table.labels), features, *sides)


def _standardized(x: NDArray[np.float64], train: NDArray[np.bool_]) -> NDArray[np.float64]:
    """sign(x) log(1 + |x|), then mean 0 and deviation 1 over the training rows: amounts have long tails."""
    x = np.sign(x) * np.log1p(np.abs(x))
    standard: NDArray[np.float64] = (x - x[train].mean()) / max(float(x[train].std()), 1e-9)
    return standard


def _binned(x: NDArray[np.float64], train: NDArray[np.bool_]) -> NDArray[np.int64]:
    """1, 2, … by the quantiles of the training rows; fewer than BINS where many rows have one number."""
    edges = np.unique(np.quantile(x[train], np.arange(1, BINS) / BINS))
    return np.searchsorted(edges, x, side="left") + 1


def _numbered(texts: Sequence[str], train: NDArray[np.bool_]) -> NDArray[np.int64]:
    """1, 2, … for the values of the training rows, in their order; 0 for any other."""
    array = np.array(texts)
    known, numbers = np.unique(array, return_inverse=True)
    seen = np.zeros(len(known), np.bool_)
    seen[numbers[train]] = True
    return np.where(seen, np.cumsum(seen), 0)[numbers]


def _tensor(columns: Sequence[NDArray[Any]], kind: type[np.generic], n: int) -> torch.Tensor:
    return torch.from_numpy(np.stack(columns, 1).astype(kind) if columns else np.zeros((n, 0), kind))
