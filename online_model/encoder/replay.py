"""Examples as another encoder would have seen them, so that heads can learn them again, over that encoder."""

from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from online_model.encoder_columns import fill, fill_page, width
from online_model.example import CHOICE, LATE, Example, unpack_example
from online_model.features import WIDTH
from online_model.half import halves_of

NO_ENCODER = "-"  # how the core names it in a version (Recommender.version)


class SeesExamples(Protocol):
    """What is needed of an encoder here (CompiledEncoder)."""

    version: str

    def logits_of(self, example: Example) -> NDArray[np.float32]: ...


def as_seen_by(encoder: SeesExamples | None, example: Example) -> Example:
    """The example with the columns that `encoder` gives it; itself if that encoder ranked it, or if the shopper's
    past did not travel with it.

    Rank and share of a choice are then estimated from its rows, since the list they were drawn from is gone.
    """
    name, slash, learned = example.version.rpartition("/")
    wanted = encoder.version if encoder else NO_ENCODER
    if name == wanted or example.kind == LATE:
        return example
    x, odds, labels = unpack_example(example)  # x: [width, n]
    tasks = labels.shape[1]
    if encoder and example.kind == CHOICE:
        fill(x, encoder.logits_of(example), odds, example.first_candidate, x.shape[1])
    elif encoder:
        fill_page(x, encoder.logits_of(example))
    else:
        x[WIDTH : width(tasks)] = 0
    return msgspec.structs.replace(example, version=wanted + slash + learned, features=halves_of(x))
