"""A window of choices as training reads it: tensors, with its different items numbered."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from online_model.encoder.choices import Choices
from online_model.encoder.described import Described
from online_model.encoder.items import Items, items_of
from online_model.encoder.settings import EncoderSettings

COUNT_FADE = 0.5  # a refresh later, an item that nobody touched is believed half as much


class Window(NamedTuple):
    """The choices with their m different items numbered, as tensors."""

    rows: Tensor  # i64[n, r], numbers of items
    log_odds: Tensor
    task: Tensor
    ranked: Tensor
    items: Tensor  # i64[n, p], numbers of items
    kinds: Tensor
    ages: Tensor
    past: Tensor
    words: Tensor  # i64[n, w], numbers of items
    word_ages: Tensor
    asked: Tensor
    log_q: Tensor  # f32[m], log share of the choices; of an item never chosen as if once
    known: Items  # m items


def numbered(choices: Choices, known: Described, settings: EncoderSettings) -> Window:
    """Give the items of the window numbers, and look up once what each needs."""
    met = choices.rows, choices.items, choices.words
    pairs, numbers = np.unique(np.concatenate([array.ravel() for array in met]), return_inverse=True)
    cuts = np.cumsum([array.size for array in met])[:-1]
    rows, items, words = (
        part.reshape(array.shape) for part, array in zip(np.split(numbers, cuts), met, strict=True)
    )
    chosen = np.bincount(rows[:, 0], minlength=len(pairs))
    log_q = np.log(np.maximum(chosen, 1) / len(rows)).astype(np.float32)
    arrays = (
        rows,
        choices.log_odds,
        choices.task,
        choices.ranked,
        items,
        choices.kinds.astype(np.int64),
        choices.ages,
        choices.past,
        words,
        choices.word_ages,
        choices.asked,
        log_q,
    )
    tensors = [torch.from_numpy(array) for array in arrays]
    return Window._make([*tensors, items_of(pairs, known, settings)])


def gates_of(
    windows: Sequence[Window], settings: EncoderSettings, before: NDArray[np.float32]
) -> NDArray[np.float32]:
    """c / (c + shrink) for each bucket, c the events that met it in the window (Cormode & Muthukrishnan's
    count-min sketch, 2005: the least of an item's buckets is its count, or a little more).
    """
    met = [window.known.id_rows[window.rows[:, 0]].flatten().numpy() for window in windows]
    counts = np.bincount(np.concatenate(met), minlength=len(before))
    was = COUNT_FADE * settings.shrink * before / np.maximum(1 - before, 1e-6)
    c = np.maximum(counts, was)
    return (c / np.maximum(c + settings.shrink, 1e-6)).astype(np.float32)
