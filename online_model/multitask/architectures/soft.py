"""Soft sharing: own networks, pulled together.

Duong, Cohn, Bird & Cook, "Low resource dependency parsing: cross-lingual parameter sharing in a neural network
parser", ACL 2015: an L2 term between the parameters of two networks. With more than two, to their mean.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from online_model.multitask.architectures.single import Single
from online_model.multitask.inputs import Features
from online_model.multitask.layers import Sizes


class Soft(Single):
    """penalty = strength · Σ_t ‖θ_t − θ̄‖², θ̄ the mean of the networks' parameters.

    All networks start from the same weights: between differently drawn ones, unit i of one means nothing to unit i
    of the other. strength 0 is `Single`; the larger, the nearer to one network for all.
    """

    def __init__(
        self, features: Features, tasks: Sequence[str], sizes: Sizes, *, strength: float = 1e-3
    ) -> None:
        super().__init__(features, tasks, sizes)
        self.strength = strength
        for network in self.networks[1:]:
            network.load_state_dict(self.networks[0].state_dict())

    def penalty(self, logits: dict[str, Tensor]) -> Tensor:
        total = torch.zeros(())
        for same in zip(*(network.parameters() for network in self.networks), strict=True):
            stacked = torch.stack(same)
            total = total + (stacked - stacked.mean(0)).square().sum()
        return self.strength * total
