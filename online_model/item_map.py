"""A flat map of items: near one another is what is alike, by the encoder's vectors or by who looks at both.

Principal components (Pearson, 1901): of all flat pictures of the vectors, the one that keeps the most of their spread.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def flat_map(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """vectors[n, d] → places [n, 2] within ±1 of the middle, one scale for both; all 0 where nothing differs.

    An axis points to where its farthest item is, so the same vectors give the same map.

    >>> flat_map(np.array([[0, 0, 0], [4, 0, 0], [8, 0, 0]], np.float32)).round(3).tolist()
    [[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]]
    """
    n = len(vectors)
    places = np.zeros((n, 2))
    if n < 2:
        return places
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    left, spread, _ = np.linalg.svd(centred, full_matrices=False)
    axes = min(2, len(spread))
    places[:, :axes] = left[:, :axes] * spread[:axes]
    for axis in range(axes):
        places[:, axis] *= -1 if places[np.abs(places[:, axis]).argmax(), axis] < 0 else 1
    farthest = np.abs(places).max()
    if farthest <= 1e-9 * max(float(np.abs(vectors).max()), 1e-9):
        return np.zeros((n, 2))
    places = places / farthest + 0.0
    places[np.abs(places) < 1e-12] = 0.0
    return np.asarray(places)


def co_visit_vectors(
    items: Sequence[str], neighbours: Mapping[str, Mapping[str, float]]
) -> NDArray[np.float64]:
    """float64[n, n] of length 1: how much each item is looked at together with each of the others, and with itself.

    neighbours: item → other → weight of both directions. log(1 + weight): a few strong pairs do not draw the map.
    """
    place = {item: at for at, item in enumerate(items)}
    weights = np.zeros((len(items), len(items)))
    for item, others in neighbours.items():
        for other, weight in others.items():
            if item in place and other in place:
                weights[place[item], place[other]] += np.log1p(weight)
    weights += weights.T
    weights += np.diag(np.maximum(weights.max(axis=1, initial=0.0), 1e-6))
    return np.asarray(weights / np.linalg.norm(weights, axis=1, keepdims=True))
