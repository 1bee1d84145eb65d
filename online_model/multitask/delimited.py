"""Any CSV file with a header: some columns are labels, 0 or 1, all others are inputs."""

import csv
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from online_model.multitask.problem import DataError, Table, is_held_out

FEW = 16  # different numbers at most in a column that is a category all the same: a code, a weekday


def read_delimited(lines: Iterable[str], labels: Sequence[str]) -> Table:
    """A column is dense when all its texts are numbers, more than FEW different ones; else a category.

    DataError for a label that is no column or not 0 and 1, and for a row of another width.
    """
    lines = iter(lines)
    header = next(csv.reader(lines), [])
    if missing := [label for label in labels if label not in header]:
        raise DataError(f"no column {', '.join(missing)}; there are {', '.join(header) or 'none'}")
    rows, held_out = [], []
    for number, line in enumerate(lines, 2):
        (row,) = csv.reader([line])
        if len(row) != len(header):
            raise DataError(f"line {number} has {len(row)} fields; the header has {len(header)}")
        rows.append([text.strip() for text in row])
        held_out.append(is_held_out(line))
    if not rows:
        raise DataError("there are no rows under the header")
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    inputs = {name: texts for name, texts in columns.items() if name not in labels}
    dense = [name for name, texts in inputs.items() if _is_dense(texts)]
    return Table(
        inputs, dense, {label: _binary(label, columns[label]) for label in labels}, np.array(held_out)
    )


def _is_dense(texts: Sequence[str]) -> bool:
    different = set(texts)
    try:
        return len(different) > FEW and all(np.isfinite(float(text)) for text in different)
    except ValueError:
        return False


def _binary(name: str, texts: Sequence[str]) -> NDArray[np.bool_]:
    if other := set(texts) - {"0", "1"}:
        raise DataError(f"label {name!r} must be 0 or 1; got {min(other)!r}")
    return np.array([text == "1" for text in texts])
