"""An encoder as plain arrays. d: dim, S: views of a shopper, H: hidden, T: tasks."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from online_model.encoder.past_kernels import READERS, UserWeights
from online_model.encoder.past_kernels.ages import AGES
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.sharing_kernels import SHARERS, SharedWeights, sharer_shapes
from online_model.item_facts import SKETCH


class ItemWeights(NamedTuple):
    """Of the item tower."""

    ids: NDArray[np.float32]  # [id_buckets, d]
    gates: NDArray[np.float32]  # [id_buckets], how far an id's own vector is believed, 0 … 1
    categories: NDArray[np.float32]  # [category_buckets, d]
    words: NDArray[np.float32]  # [word_buckets, d]
    sketch: NDArray[np.float32]  # [SKETCH, d]


class TrunkWeights(NamedTuple):
    """Of the last layer, each task's own."""

    out: NDArray[np.float32]  # [H, T, d]
    out_bias: NDArray[np.float32]  # [T, d]
    skip: NDArray[np.float32]  # [T, S, d]


class Weights(NamedTuple):
    """user, shared: of the tower and the way of sharing that the settings name. asked: log weights of words that were
    searched for, by age."""

    item: ItemWeights
    user: UserWeights
    asked: NDArray[np.float32]  # [AGES], between knots linear
    shared: SharedWeights
    trunk: TrunkWeights

    def named(self) -> dict[str, NDArray[np.float32]]:
        """All arrays by name: item.ids, user.kinds, trunk.into …"""
        trunk = self.shared._asdict() | self.trunk._asdict()
        parts = {
            "item": self.item._asdict(),
            "user": self.user._asdict() | {"asked": self.asked},
            "trunk": trunk,
        }
        return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}


def from_named(arrays: dict[str, NDArray[np.float32]], settings: EncoderSettings) -> Weights:
    """The reverse of `named`. Raises TypeError or KeyError when one is missing or too many."""

    def part(prefix: str) -> dict[str, Any]:
        return {
            name.partition(".")[2]: array
            for name, array in arrays.items()
            if name.partition(".")[0] == prefix
        }

    reader, trunk = part("user"), part("trunk")
    asked = reader.pop("asked")
    user = READERS[settings.user_tower].weights(**reader)
    last = TrunkWeights(**{name: trunk.pop(name) for name in TrunkWeights._fields if name in trunk})
    shared = SHARERS[settings.sharing].weights(**trunk)
    return Weights(ItemWeights(**part("item")), user, asked, shared, last)


def blank(settings: EncoderSettings, tasks: int) -> Weights:
    """Zeros of the right shapes: an encoder that knows nothing."""
    reader = READERS[settings.user_tower]
    d, hidden, views = settings.dim, settings.hidden, reader.views + 1

    def zeros(*shape: int) -> NDArray[np.float32]:
        return np.zeros(shape, np.float32)

    item = ItemWeights(
        zeros(settings.id_buckets, d),
        zeros(settings.id_buckets),
        zeros(settings.category_buckets, d),
        zeros(settings.word_buckets, d),
        zeros(SKETCH, d),
    )
    user = reader.weights(*(zeros(*shape) for shape in reader.shapes(d)))
    shapes = sharer_shapes(settings, views * d, tasks)
    shared = SHARERS[settings.sharing].weights(**{name: zeros(*shape) for name, shape in shapes.items()})
    trunk = TrunkWeights(zeros(hidden, tasks, d), zeros(tasks, d), zeros(tasks, views, d))
    return Weights(item, user, zeros(AGES), shared, trunk)
