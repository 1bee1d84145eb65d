"""What tasks share, as torch trains it: the formulas of online_model/multitask/architectures/ with one hidden layer,
their parameters stacked as sharing_kernels/ reads them. Tests hold the three equal.

Each takes settings, width W and number of tasks T, and x f32[b, W] to f32[b, T, H], or f32[b, 1, H] where all
tasks get the same.
"""

from collections.abc import Callable

from online_model.encoder.settings import Sharing
from online_model.encoder.sharing.aitm import Aitm
from online_model.encoder.sharing.cross_stitch import CrossStitch
from online_model.encoder.sharing.layer import Layer
from online_model.encoder.sharing.mmoe import Mmoe
from online_model.encoder.sharing.ple import Ple
from online_model.encoder.sharing.shared_bottom import OwnBiases, SharedBottom
from online_model.encoder.sharing.single import Single, Soft

SHARING: dict[Sharing, Callable[..., Layer]] = {
    "single": Single,
    "shared-bottom": SharedBottom,
    "shared-bottom-own-biases": OwnBiases,
    "soft": Soft,
    "cross-stitch": CrossStitch,
    "mmoe": Mmoe,
    "ple": Ple,
    "aitm": Aitm,
}
