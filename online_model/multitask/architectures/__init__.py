"""What tasks share. An architecture turns rows into a logit for each task; a new one is a file and a line here."""

from collections.abc import Callable
from functools import partial

from online_model.multitask.architectures.aitm import Aitm
from online_model.multitask.architectures.architecture import Architecture
from online_model.multitask.architectures.cross_stitch import CrossStitch
from online_model.multitask.architectures.esmm import Esmm
from online_model.multitask.architectures.mmoe import Mmoe
from online_model.multitask.architectures.ple import Ple
from online_model.multitask.architectures.shared_bottom import SharedBottom
from online_model.multitask.architectures.single import Single
from online_model.multitask.architectures.soft import Soft

__all__ = ["ARCHITECTURES", "CONTROL", "Architecture"]

CONTROL = "single"  # the row that every comparison has

ARCHITECTURES: dict[str, Callable[..., Architecture]] = {  # of (features, tasks, sizes)
    CONTROL: Single,
    "shared-bottom": SharedBottom,
    "shared-bottom-own-biases": partial(SharedBottom, own_biases=True),
    "soft": Soft,
    "cross-stitch": CrossStitch,
    "mmoe": Mmoe,
    "ple": Ple,
    "aitm": Aitm,
    "esmm": Esmm,
}
