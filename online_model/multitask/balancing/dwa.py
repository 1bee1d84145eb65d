"""Dynamic weight average: more weight to tasks whose loss falls slowly.

Liu, Johns & Davison, "End-to-end multi-task learning with attention", CVPR 2019.
"""

import torch
from torch import Tensor

from online_model.multitask.balancing.balancer import Balancer, Step, descend

TEMPERATURE = 2.0  # the paper's; the higher, the more even


class Dwa(Balancer):
    """w_t = T softmax(r_t / TEMPERATURE), r_t = the last epoch's mean loss over that of the one before.

    1 in the first two epochs, and r_t = 1 for a task that had no step in one of the two.
    """

    weights: Tensor
    last: Tensor

    def __init__(self, tasks: int) -> None:
        super().__init__(tasks)
        self.register_buffer("weights", torch.ones(tasks))
        self.register_buffer("last", torch.full((tasks,), torch.nan))

    def backward(self, step: Step) -> None:
        descend(step.losses, self.weights[list(step.tasks)])

    def end_epoch(self, losses: Tensor) -> None:
        ratios = (losses / self.last).nan_to_num(nan=1.0)
        self.weights.copy_(self.tasks * torch.softmax(ratios / TEMPERATURE, dim=0))
        self.last.copy_(losses)
