"""What shoppers did, as tensors; and how far along the knots an age lies."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from online_model.encoder.past_kernels.ages import AGES


class Past(NamedTuple):
    """What b shoppers did, newest first: vectors f32[b, n, d], kinds i64[b, n], ages f32[b, n] in seconds, used
    bool[b, n], the used places first."""

    vectors: Tensor
    kinds: Tensor
    ages: Tensor
    used: Tensor


def between_knots(table: Tensor, seconds: Tensor) -> Tensor:
    """table[AGES, …] at seconds[b, n], linear between its knots: [b, n, …]."""
    place = (torch.log1p(seconds) / np.log(2.0)).clamp(max=AGES - 1.001)
    knot = place.long()
    part = (place - knot).view(*seconds.shape, *[1] * (table.dim() - 1))
    return torch.lerp(table[knot], table[knot + 1], part)
