"""Does frequent refresh beat rare refresh? Where the encoder matters: films that are rated once, so that what one has
seen already, which carries the Taobao sample, is never the answer.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from encoder_stream import Record, Seen, Shop, movielens

from online_model import Description
from online_model.encoder.settings import EncoderSettings

SEEDS, EVENTS, WINDOW, K = (7, 8, 9), 30_000, 8_000, 20
PLANS = {
    "never": (),
    "once": (5_000,),
    "every 5,000": range(5_000, EVENTS, 5_000),
    "every 2,000": range(5_000, EVENTS, 2_000),
}


class Life(NamedTuple):
    """seen: every choice. refreshes, refused: how the gate decided."""

    seen: list[Seen]
    refreshes: int
    refused: int


def often() -> dict[str, list[Life]]:
    """Prints recall@20 and MRR@20 of the second half for each plan, over the seeds."""
    records, found = movielens(), dict[str, list[Life]]()
    print(
        f"\nthe first {EVENTS:,} ratings of MovieLens 100k, second half; refreshes on the newest {WINDOW:,} examples"
    )
    print(
        f"{'refreshed':<14} {'times':>6} {'refused':>8} {'recall@20':>17} {'MRR@20':>17} {'recall, new films':>18}"
    )
    for plan, at in PLANS.items():
        seeds = SEEDS if at else SEEDS[:1]  # nothing is drawn without an encoder
        lives = found[plan] = [live(records, set(at), seed) for seed in seeds]
        figures = np.array([_figures(life.seen[EVENTS // 2 :]) for life in lives])
        means, spread = figures.mean(axis=0), figures.std(axis=0)
        shown = (f"{mean:.4f} ± {sd:.4f}" for mean, sd in zip(means, spread, strict=True))
        counts = np.mean([[life.refreshes, life.refused] for life in lives], axis=0)
        print(
            f"{plan:<14} {counts[0]:6.1f} {counts[1]:8.1f} " + " ".join(f"{text:>17}" for text in shown),
            flush=True,
        )
    return found


def live(records: list[Record], at: set[int], seed: int) -> Life:
    shop, seen = Shop(msgspec.convert({"seed": seed}, EncoderSettings), WINDOW), list[Seen]()
    for record in records:
        if shop.events == EVENTS:
            break
        if (one := shop.take(record)) is not None:
            seen.append(one)
        if shop.events in at and not isinstance(record, Description):
            shop.refresh()
    return Life(seen, shop.refreshes, shop.refused)


def _figures(seen: list[Seen]) -> tuple[float, float, float]:
    """recall@K, MRR@K, and recall@K of new films."""
    places, new = np.array([one.place for one in seen]), np.array([one.new for one in seen])
    hit = (places >= 0) & (places < K)
    return float(hit.mean()), float(np.where(hit, 1 / (1 + np.abs(places)), 0).mean()), float(hit[new].mean())
