"""One record of a structured array, as compiled code reads it."""

from typing import Any

Record = Any  # numba reads a record's fields as attributes, of which numpy's own type np.void knows nothing
