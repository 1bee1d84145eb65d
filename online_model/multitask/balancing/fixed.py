"""The plain sum of the losses."""

import torch

from online_model.multitask.balancing.balancer import Balancer, Step, descend


class Fixed(Balancer):
    """L = Σ_t L_t."""

    def backward(self, step: Step) -> None:
        descend(step.losses, torch.ones(len(step.tasks)))
