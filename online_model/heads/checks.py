"""What every head asks of its rows: shape, dtype and numbers that leave its state finite."""

import numpy as np
from numpy.typing import NDArray

# The sums of squares of slopes fit float32 after 1e8 rows that are all as far out as this allows, counts included.
MOST = 1e5  # features beyond ± this count as this
HEAVIEST = 1e4  # the largest weight of a row
LARGEST = 1e6  # value or count


def rows(x: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """x: float32[n, width], contiguous, cut to ± MOST; ValueError for another shape, dtype, NaN or infinity."""
    _shaped("features", x, (len(x) if x.ndim else 0, width))
    low, high = x.min(initial=0), x.max(initial=0)  # both are NaN when any number is
    if not -np.inf < low <= high < np.inf:
        row = int(np.flatnonzero(~np.isfinite(x).all(axis=1))[0])
        raise ValueError(f"wanted finite features; row {row} has {x[row][~np.isfinite(x[row])][0]}")
    if low < -MOST or high > MOST:
        x = np.clip(x, -MOST, MOST)
    return np.ascontiguousarray(x)


def labels(y: NDArray[np.float32], n: int, low: float, high: float) -> NDArray[np.float32]:
    """y: float32[n], each within low..high; ValueError otherwise."""
    _shaped("labels", y, (n,))
    _within("labels", y, low, high)
    return np.ascontiguousarray(y)


def binary_labels(y: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """y: float32[n], each 0 or 1; ValueError otherwise."""
    _shaped("labels", y, (n,))
    bad = (y != 0) & (y != 1)
    if bad.any():
        row = int(bad.argmax())
        raise ValueError(f"wanted labels of 0 or 1; row {row} has {y[row]}")
    return np.ascontiguousarray(y)


def weights(weight: NDArray[np.float32] | None, n: int) -> NDArray[np.float32]:
    """float32[n], each within 0..HEAVIEST, ones where None is given; ValueError otherwise."""
    if weight is None:
        return np.ones(n, np.float32)
    _shaped("weights", weight, (n,))
    _within("weights", weight, 0, HEAVIEST)
    return np.ascontiguousarray(weight)


def number(name: str, value: float, low: float, high: float) -> float:
    """A head's setting, within low..high; ValueError otherwise."""
    if not low <= value <= high:
        raise ValueError(f"{name} must be within {low:g}..{high:g}; got {value!r}")
    return value


def put(into: tuple[NDArray[np.float32], ...], arrays: tuple[NDArray[np.float32], ...]) -> None:
    """Another head's state, copied into this one's arrays; ValueError where it does not fit or is not finite."""
    wanted, got = [part.shape for part in into], [part.shape for part in arrays]
    if wanted != got:
        raise ValueError(f"wanted a state of shapes {wanted}; got {got}")
    if not all(np.isfinite(part).all() for part in arrays):
        raise ValueError("wanted a finite state; got one with NaN or infinity")
    for target, part in zip(into, arrays, strict=True):
        target[...] = part


def _shaped(name: str, array: NDArray[np.float32], shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype != np.float32:
        wanted = f"float32[{', '.join(map(str, shape))}]"
        got = f"{array.dtype}[{', '.join(map(str, array.shape))}]"
        raise ValueError(f"wanted {name} {wanted}; got {got}")


def _within(name: str, array: NDArray[np.float32], low: float, high: float) -> None:
    least, most = array.min(initial=np.inf), array.max(initial=-np.inf)
    if len(array) and not low <= least <= most <= high:  # false for NaN too
        row = int(np.flatnonzero(~((array >= low) & (array <= high)))[0])
        raise ValueError(f"wanted {name} within {low:g}..{high:g}; row {row} has {array[row]}")
