"""One record of a structured array, read by the names of its fields, in compiled code and without it."""

from typing import Any

import numpy as np

Record = Any  # numba reads a record's fields as attributes, of which numpy's own type np.void knows nothing


class _Fields(np.record):  # type: ignore[misc]
    """numpy's record, with its fields before its own attributes: `item` and `flags` are both."""

    def __getattribute__(self, name: str) -> Any:
        fields = super().__getattribute__("dtype").names
        return self[name] if name in fields else super().__getattribute__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


def record(fields: list[Any], *, align: bool = True) -> np.dtype[Any]:
    """The dtype of such records. With NUMBA_DISABLE_JIT=1 a debugger and coverage see into kernels."""
    return np.dtype((_Fields, np.dtype(fields, align=align)))
