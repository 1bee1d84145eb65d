"""Every number the encoder can be tuned by, with its reason."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Tower = Literal["mean", "gru", "lstm", "attention"]
Sharing = Literal[
    "single", "shared-bottom", "shared-bottom-own-biases", "soft", "cross-stitch", "mmoe", "ple", "aitm"
]
Share = Annotated[float, Meta(ge=0, lt=1)]


class EncoderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Written into every artifact. The first block gives the tensors their shapes: warm starts need it equal."""

    dim: Annotated[int, Meta(ge=4, le=512)] = 32  # of an item's vector
    hidden: Annotated[int, Meta(ge=1, le=4096)] = (
        64  # units of the trunk: of each task, or each expert, where these have their own
    )
    id_buckets: Annotated[int, Meta(ge=1)] = 1 << 16  # rows of the table that all item ids share: 8 MB
    id_hashes: Annotated[int, Meta(ge=1, le=4)] = 2  # two items meet in all of them once in 2·10⁹ pairs
    category_buckets: Annotated[int, Meta(ge=1)] = 1 << 13
    category_hashes: Annotated[int, Meta(ge=1, le=4)] = 2
    word_buckets: Annotated[int, Meta(ge=1)] = (
        1 << 15
    )  # of brands, prices, tags and titles (item_facts.py): 4 MB
    user_tower: Tower = "mean"  # how a past is read: a name of user_towers.USER_TOWERS
    sharing: Sharing = "shared-bottom"  # what tasks share behind it: a name of sharing.SHARING
    experts: Annotated[int, Meta(ge=1, le=64)] = 4  # of mmoe; ple has half as many for each task and shared

    shrink: Annotated[float, Meta(ge=0)] = 8.0  # events after which half of an item's own vector is believed
    id_dropout: Share = (
        0.3  # share of items reduced to their description in a step: so new items are practised
    )
    dropout: Share = 0.2  # of the trunk's units
    weight_decay: Annotated[float, Meta(ge=0)] = 0.05  # L2, decoupled: what no event holds up fades
    learning_rate: Annotated[float, Meta(gt=0)] = 3e-3
    batch: Annotated[int, Meta(ge=2)] = 256  # choices a step; the negatives of each other
    batch_loss: Annotated[float, Meta(ge=0)] = 0.5  # weight of the loss against the batch's other items
    level: Annotated[float, Meta(ge=0)] = (
        0.02  # of the penalty that fixes what a logit of 0 means (losses.py)
    )
    epochs: Annotated[int, Meta(ge=1)] = 3  # most; it stops when the newest slice gets worse
    seed: int = 7
