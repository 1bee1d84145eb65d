"""What a shopper did, read into `views` vectors: one compiled file for each way, the same as in user_towers/.

Each has its arrays (a NamedTuple named as the torch module's parameters) and read(vectors, past, w, m): from
vectors f32[n, d] of the past PAST[n], newest first, into m f32[views, d]; zeros when there is no past.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from online_model.encoder.past_kernels.ages import AGES, KINDS
from online_model.encoder.past_kernels.attention import AttentionWeights, read_by_attention
from online_model.encoder.past_kernels.gru import GruWeights, read_by_gru
from online_model.encoder.past_kernels.lstm import LstmWeights, read_by_lstm
from online_model.encoder.past_kernels.mean import MEANS, MeanWeights, read_by_mean
from online_model.encoder.past_kernels.steps import recurrent_shapes
from online_model.encoder.settings import Tower

UserWeights = MeanWeights | GruWeights | LstmWeights | AttentionWeights


class Reader(NamedTuple):
    """read: see above. views: the vectors that it makes. shapes: of the arrays, in order, for vectors of width d."""

    weights: type[UserWeights]
    read: Callable[..., Any]
    views: int
    shapes: Callable[[int], tuple[tuple[int, ...], ...]]


READERS: dict[Tower, Reader] = {
    "mean": Reader(MeanWeights, read_by_mean, MEANS, lambda d: ((MEANS, KINDS), (MEANS, AGES))),
    "gru": Reader(GruWeights, read_by_gru, 1, lambda d: recurrent_shapes(3, d)),
    "lstm": Reader(LstmWeights, read_by_lstm, 1, lambda d: recurrent_shapes(4, d)),
    "attention": Reader(
        AttentionWeights, read_by_attention, MEANS, lambda d: ((MEANS, d, d), (MEANS, KINDS), (MEANS, AGES))
    ),
}
