"""Does quality dip in the 1,000 events after a switch? Every switch is played four ways from the same moment on.

kept: the old encoder and its heads go on, the control. going on: what Freshet does, the new encoder under the live
heads. relearned: these learn the window over it first. fresh: begun from nothing. Differences from the control are on
the same events.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from encoder_stream import Record, Shop, taobao
from numpy.typing import NDArray

from online_model import Description
from online_model.encoder.settings import EncoderSettings

SEEDS, EVENTS, FIRST, EVERY, AROUND, K = (7, 8, 9), 40_000, 12_000, 9_000, 1_000, 20
WAYS = ("kept", "going on", "relearned", "fresh")


class Around(NamedTuple):
    """Reciprocal ranks (0 beyond K places) of the choices before a switch, and after it each way."""

    before: NDArray[np.float64]
    after: dict[str, NDArray[np.float64]]


def switch() -> list[Around]:
    """Prints recall@20 and MRR@20 before and after, and the differences with their standard errors."""
    records, found = taobao(EVENTS), list[Around]()
    for seed in SEEDS:
        found += one_life(records, msgspec.convert({"seed": seed}, EncoderSettings))
    before = np.concatenate([around.before for around in found])
    print(
        f"\n{len(found)} switches in {len(SEEDS)} lives of {EVENTS:,} Taobao events, {AROUND:,} events after each"
    )
    print(f"{'':<12} recall@{K}  MRR@{K} | against kept: recall          MRR")
    print(f"{'before':<12} {(before > 0).mean():9.4f} {before.mean():7.4f}")
    kept = np.concatenate([around.after["kept"] for around in found])
    for way in WAYS:
        after = np.concatenate([around.after[way] for around in found])
        recall, mrr = (after > 0).astype(float) - (kept > 0), after - kept
        print(
            f"{way:<12} {(after > 0).mean():9.4f} {after.mean():7.4f} | {_mean(recall):>23} {_mean(mrr):>17}"
        )
    return found


def one_life(records: list[Record], settings: EncoderSettings) -> list[Around]:
    shop, recent, found = Shop(settings), list[float](), list[Around]()
    due = FIRST
    for n, record in enumerate(records):
        seen = shop.take(record)
        if seen:
            recent.append(_reciprocal(seen.place))
        if shop.events < due or isinstance(record, Description):
            continue
        due += EVERY
        _, encoder = shop.trained()
        shop.refreshes += 1
        if shop.core.encoder is not None and len(records) - n > AROUND:
            twins = {way: shop.twin() for way in WAYS}
            for way in WAYS[1:]:
                twins[way].switch(encoder, way)
            after = {way: played(twin, records[n + 1 :]) for way, twin in twins.items()}
            found.append(Around(np.array(recent[-AROUND:]), after))
        shop.switch(encoder)
    return found


def played(shop: Shop, records: list[Record]) -> NDArray[np.float64]:
    """Reciprocal ranks of the next AROUND events' choices."""
    found, stop = [], shop.events + AROUND
    for record in records:
        if shop.events == stop:
            break
        seen = shop.take(record)
        if seen:
            found.append(_reciprocal(seen.place))
    return np.array(found)


def _reciprocal(place: int) -> float:
    return 1 / (1 + place) if 0 <= place < K else 0.0


def _mean(differences: NDArray[np.float64]) -> str:
    return f"{differences.mean():+.4f} ± {differences.std() / len(differences) ** 0.5:.4f}"
