"""Lists of items with their scores, from what was published or what was computed just now."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from freshet.contract.published import Published, unpack
from freshet.contract.torn import Salvage
from online_model.candidates.pool import SOURCES
from online_model.floor import with_floor
from serving.answers import Scored
from serving.best import best
from serving.blend import parts
from serving.scoring import Fresh
from serving.task_scores import TaskScores
from serving.trending import Top

TRENDING = "trending"


class Listing(NamedTuple):
    """Items with all that can be said of each. p: half-precision bytes, item after item.

    Item i came from names[sources[i]] because of causes[cause[i]]: a lookup spells out only what it shows.
    """

    items: Sequence[str]
    p: bytes
    sources: Sequence[int]
    names: Sequence[str]
    cause: Sequence[int]
    causes: Sequence[str | None]


def published_list(data: bytes | None, tasks: int, salvage: Salvage) -> Published | None:
    """A shopper's published list; None where there is none that can be read, or one made for other tasks than ours."""
    published = salvage.read("list", "a shopper", lambda: unpack(data))
    if published is None or len(published.p) != 2 * tasks * len(published.items):
        return None
    return published


def of_published(published: Published) -> Listing:
    causes = [None, *published.causes]
    return Listing(published.items, published.p, published.sources, SOURCES, published.cause, causes)


def of_fresh(items: Sequence[str], fresh: Fresh) -> Listing:
    places, causes = range(len(items)), [cause or None for cause in fresh.causes]
    return Listing(items, fresh.p, places, fresh.sources, places, causes)


def of_top(top: Top, k: int, exclude: Sequence[str] = ()) -> list[Scored]:
    """The k hottest items; their score is their heat relative to the hottest of all."""
    left_out = frozenset(exclude)
    kept = [(item, heat) for item, heat in top.items if item not in left_out]
    return [Scored(item, heat, {}, TRENDING) for item, heat in kept[:k]]


def with_new(items: list[Scored], published: Published, share: float, k: int) -> list[Scored]:
    """The first k, with the share of new items that the list was made with, whatever the weights."""
    new = {item for item, is_new in zip(published.items, published.new, strict=True) if is_new}
    return [items[at] for at in with_floor(np.array([item.item_id in new for item in items], bool), share, k)]


def rank(
    listing: Listing,
    weights: NDArray[np.float64],
    scores: TaskScores,
    *,
    k: int,
    allowed: Sequence[bool] | None = None,
    explain: bool = False,
) -> list[Scored]:
    """The k best, best first. allowed: which items may be named."""
    items, p, sources, names, cause, causes = listing
    picked = best(p, weights, k, None if allowed is None else np.array(allowed, np.bool_))
    ranked = [
        Scored(items[place], score, scores.of(*row), names[sources[place]], causes[cause[place]])
        for place, score, row in zip(picked.places, picked.scores, picked.p, strict=True)
    ]
    if explain:
        for scored, row in zip(ranked, picked.p, strict=True):
            scored.contributions = scores.parts(*parts(row, weights.tolist()))
    return ranked
