"""Weigh tasks by learned noise.

Kendall, Gal & Cipolla, "Multi-task learning using uncertainty to weigh losses for scene geometry and semantics",
CVPR 2018, in the form for classification.
"""

import torch
from torch import nn

from online_model.multitask.balancing.balancer import Balancer, Step


class Uncertainty(Balancer):
    """L = Σ_t e^(−s_t) L_t + s_t / 2, s_t = log σ_t² learned; at s = 0 it is the plain sum."""

    def __init__(self, tasks: int) -> None:
        super().__init__(tasks)
        self.log_variance = nn.Parameter(torch.zeros(tasks))

    def backward(self, step: Step) -> None:
        s = self.log_variance[list(step.tasks)]
        torch.autograd.backward((torch.exp(-s) * step.losses + s / 2).sum())
