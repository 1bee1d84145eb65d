"""Every number the model can be tuned by, with its reason."""

from typing import Annotated

import msgspec
from msgspec import Meta


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Frozen: a change of settings is a new model, learned from the log again."""

    # What is remembered of a shopper
    history: int = (
        150  # distinct items that features see; 100 costs .0006 of click recall and .001 of weighted
    )
    slack: int = 16  # distinct items that may come late without a trace
    duplicates: Annotated[int, Meta(ge=1)] = (
        16  # event keys remembered to recognise a redelivery inside the stream itself
    )
    hidden: int = 64  # items a shopper asked not to see

    open_rows: int = 40  # shown items that labels may still reach: 3 KB a shopper; 30 lose 3 % of purchases
    early: int = 8  # actions that came before their page

    # What is remembered of an item
    neighbours: int = 64  # co-visited items a row; the smallest decayed weight makes room
    max_items: int = 200_000  # about 1.2 KB each with a full row: 240 MB a process
    covisit_half_life_ms: int = 4 * 86_400_000
    warm_half_life_ms: int = 86_400_000  # ranks items inside a category
    hot_half_life_ms: int = 6 * 3_600_000  # ranks items over all

    # Where candidates come from, and how many at most
    queries: int = 10  # newest items of the history whose neighbours are looked up
    covisits: int = 120
    categories: int = 4  # newest categories of the history whose best items are taken
    per_category: int = 20
    trending: int = 20

    # How it learns
    ranker: str = "relu"  # a name of online_model.rankers.RANKERS
    units: int = 96  # hidden ReLU units, squared: 64 cost .0004 of click recall and MRR, 128 add nothing sure
    learning_rate: float = 0.05
    calibration_rate: float = 0.2  # of 0.02–0.4, by log loss on the first half of the Taobao sample
    rivals: int = 32  # of about 230 candidates, those an example carries
    shown_units: int = 64  # of the heads that learn from impressions; 32 lose .001–.004 of the lift
    shown_rate: float = 0.02
    least_shown: int = 2_000  # rows those heads have learned before lists take their word
    influence_ms: Annotated[int, Meta(ge=0)] = (
        86_400_000  # in it an account counts once for an item (influence.py); 0: each of its events does
    )
    seed: int = 7  # of the hidden units' first weights

    publish: int = 50  # ranked items kept for a shopper
    new_days: Annotated[float, Meta(gt=0)] = 3.0  # since its first event an item is new
    new_floor: Annotated[float, Meta(ge=0, le=1)] = (
        0.0  # share of every list's beginning that is kept for new items; docs/exposure.md says what it costs
    )
    baselines: str = "cheap"  # "none", "cheap" (popularity, own history) or "all"; evaluation asks for all
