"""The entire-space chain: later steps are learned from all rows, not only from those where the first one happened.

Ma et al., "Entire space multi-task model: an effective approach for estimating post-click conversion rate",
SIGIR 2018.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from online_model.multitask.architectures.architecture import Architecture
from online_model.multitask.inputs import Features, InputLayer, Inputs
from online_model.multitask.layers import Sizes, mlp, tower


class Esmm(Architecture):
    """p(task 1), p(task t) = p(task t−1) · p(task t | task t−1); embeddings are shared, the rest is each task's own.

    The tasks' order is the chain's, and p(b) ≤ p(a) whatever was learned: only for tasks that cannot happen without
    the one before, such as click → purchase.
    """

    def __init__(self, features: Features, tasks: Sequence[str], sizes: Sizes) -> None:
        super().__init__(features, tasks, sizes)
        self.inputs = InputLayer(features, sizes.embedding)
        self.conditionals = nn.ModuleList(
            nn.Sequential(*mlp(self.inputs.width, *sizes.hidden), *tower(sizes)) for _ in tasks
        )

    def forward(self, x: Inputs) -> dict[str, Tensor]:
        h = self.inputs(x)
        first, *rest = (conditional(h) for conditional in self.conditionals)
        logits = [first]
        for own in rest:
            logits.append(both(logits[-1], own))
        return dict(zip(self.tasks, logits, strict=True))


def both(a: Tensor, b: Tensor) -> Tensor:
    """The logit of σ(a) · σ(b): 1/p − 1 = e^−a + e^−b + e^−(a+b). Never above a or b, finite for finite ones."""
    return -torch.logsumexp(torch.stack([-a, -b, -a - b]), dim=0)
