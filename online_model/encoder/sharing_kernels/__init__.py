"""What tasks share between the user tower and their own last layer: one compiled file for each way, as in sharing/.

Each has its arrays (a NamedTuple named as the torch module's parameters) and share(x, w, h): from what was read of
a shopper, x f32[W], into hidden units of each task, h f32[T, H].
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from online_model.encoder.settings import EncoderSettings, Sharing
from online_model.encoder.sharing_kernels.aitm import AitmWeights, share_along
from online_model.encoder.sharing_kernels.cross_stitch import CrossStitchWeights, share_by_stitches
from online_model.encoder.sharing_kernels.mmoe import MmoeWeights, share_experts
from online_model.encoder.sharing_kernels.ple import PleWeights, share_some_experts
from online_model.encoder.sharing_kernels.shared_bottom import (
    OwnBiasesWeights,
    SharedBottomWeights,
    share_bottom,
    share_bottom_own_biases,
)
from online_model.encoder.sharing_kernels.single import SingleWeights, share_nothing

SharedWeights = (
    SharedBottomWeights
    | OwnBiasesWeights
    | SingleWeights
    | CrossStitchWeights
    | MmoeWeights
    | PleWeights
    | AitmWeights
)
CHAIN = -1  # in Sharer.by_task: the array is about how tasks stand to one another, in their order


class Sharer(NamedTuple):
    """share: see above. shapes: of the arrays, in order, for a width W, H units, T tasks and E experts.
    by_task: for arrays that have an axis of tasks, which it is, or CHAIN."""

    weights: type[SharedWeights]
    share: Callable[..., Any]
    shapes: Callable[[int, int, int, int], tuple[tuple[int, ...], ...]]
    by_task: Mapping[str, int]


OWN = {"into": 0, "bias": 0}
SINGLE = Sharer(SingleWeights, share_nothing, lambda w, h, t, e: ((t, w, h), (t, h)), OWN)

SHARERS: dict[Sharing, Sharer] = {
    "single": SINGLE,
    "shared-bottom": Sharer(SharedBottomWeights, share_bottom, lambda w, h, t, e: ((w, h), (h,)), {}),
    "shared-bottom-own-biases": Sharer(
        OwnBiasesWeights, share_bottom_own_biases, lambda w, h, t, e: ((w, h), (t, h)), {"bias": 0}
    ),
    "soft": SINGLE,
    "cross-stitch": Sharer(
        CrossStitchWeights,
        share_by_stitches,
        lambda w, h, t, e: ((t, w, h), (t, h), (t, t)),
        OWN | {"stitches": CHAIN},
    ),
    "mmoe": Sharer(
        MmoeWeights, share_experts, lambda w, h, t, e: ((e, w, h), (e, h), (t, w, e)), {"gates": 0}
    ),
    "ple": Sharer(
        PleWeights,
        share_some_experts,
        lambda w, h, t, e: (
            (t, halved(e), w, h),
            (t, halved(e), h),
            (halved(e), w, h),
            (halved(e), h),
            (t, w, 2 * halved(e)),
        ),
        {"own_into": 0, "own_bias": 0, "gates": 0},
    ),
    "aitm": Sharer(
        AitmWeights,
        share_along,
        lambda w, h, t, e: ((t, w, h), (t, h), (t - 1, 4, h, h), (t - 1, 4, h)),
        OWN | {"passes": CHAIN, "pass_bias": CHAIN},
    ),
}


def halved(experts: int) -> int:
    """PLE's experts of each task, and those that all share."""
    return max(experts // 2, 1)


def sharer_shapes(settings: EncoderSettings, width: int, tasks: int) -> dict[str, tuple[int, ...]]:
    """By name of the arrays of the way that the settings name."""
    sharer = SHARERS[settings.sharing]
    shapes = sharer.shapes(width, settings.hidden, tasks, settings.experts)
    return dict(zip(sharer.weights._fields, shapes, strict=True))
