"""The flat map of the hottest items of each category, made anew every half a minute."""

import asyncio
import time
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from freshet.contract.keys import Keys
from online_model.item_map import co_visit_vectors, flat_map
from online_model.item_rows import unpack_row
from serving.descriptions import describe
from serving.kept import Kept
from serving.reads import Reads
from serving.refill import Refill
from serving.scoring import Scorer
from serving.trending import EVERYWHERE, Trending

KEEP_S = 30.0
FORWARD, BACKWARD = 0, 1  # rows of a row's weights


class Place(NamedTuple):
    """x, y within ±1. heat: relative to the hottest."""

    item: str
    category: str
    x: float
    y: float
    heat: float


class Map(NamedTuple):
    """source: encoder or co_visits, whose vectors it shows."""

    places: list[Place]
    source: str
    made_ms: int


def kept_map(reads: Reads, keys: Keys, trending: Trending, scorer: Scorer, refill: Refill) -> Kept[Map]:
    """Made at most once in KEEP_S, of the hottest items; drawing it takes some 20 ms of another thread."""

    async def make(_: str) -> Map:
        top = (await trending.get(EVERYWHERE)).value.items
        items = [item for item, _ in top]
        categories = [told.category for told in await describe(items, reads, keys)]
        vectors: NDArray[np.floating[Any]] | None = await scorer.vectors(items)
        source = "encoder"
        if vectors is None:
            rows = await reads.get_many([keys.row(item) for item in items])
            read = [
                reads.salvage.read("row", "an item", partial(neighbours, row)) if row is not None else None
                for row in rows
            ]
            told = {item: found for item, found in zip(items, read, strict=True) if found}
            vectors, source = co_visit_vectors(items, told), "co_visits"
        places = (await asyncio.to_thread(flat_map, vectors)).round(4).tolist()
        listed = [
            Place(item, category, x, y, heat)
            for (item, heat), category, (x, y) in zip(top, categories, places, strict=True)
        ]
        return Map(listed, source, time.time_ns() // 1_000_000)

    return Kept(make, keep_s=KEEP_S, most=1, refill=refill)


def neighbours(row: bytes) -> dict[str, float]:
    """An item's neighbours with the weight of both directions."""
    read = unpack_row(row)
    weights = (read.weights[FORWARD] + read.weights[BACKWARD]).tolist()
    return {name.decode(): weight for name, weight in zip(read.names, weights, strict=True)}
