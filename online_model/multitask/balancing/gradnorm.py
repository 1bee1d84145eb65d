"""GradNorm: all tasks pull on the shared weights about equally hard, those that lag a little harder.

Chen, Badrinarayanan, Lee & Rabinovich, "GradNorm: gradient normalization for adaptive loss balancing in deep
multitask networks", ICML 2018.
"""

import torch
from torch import Tensor

from online_model.multitask.balancing.balancer import Balancer, Step, descend
from online_model.multitask.gradients import task_gradients

ALPHA = 1.5  # how much harder the laggards pull; from the paper's range, 0.12 to 1.5
RATE = 0.025  # of the weights' own steps; the paper's
LEAST = 0.01  # a weight that reached 0 would turn a task round


class GradNorm(Balancer):
    """Minimizes Σ_t |G_t − Ḡ r_t^ALPHA| over the weights: G_t = w_t ‖∇L_t‖ on the shared parameters, Ḡ its mean,
    r_t = L_t / L_t(first) over the mean of that. The right-hand term counts as given.

    Then the weights are scaled to their sum before. A step of one task alone leaves its weight as it is.
    """

    weights: Tensor
    first: Tensor

    def __init__(self, tasks: int) -> None:
        super().__init__(tasks)
        self.register_buffer("weights", torch.ones(tasks))
        self.register_buffer("first", torch.full((tasks,), torch.nan))

    def backward(self, step: Step) -> None:
        at = list(step.tasks)
        losses, weights = step.losses.detach(), self.weights[at]
        self.first[at] = torch.where(self.first[at].isnan(), losses, self.first[at])
        norms = task_gradients(step.losses, step.shared).norm(dim=1)
        descend(step.losses, weights)
        pace = losses / self.first[at]
        wanted = (weights * norms).mean() * (pace / pace.mean()) ** ALPHA
        moved = (weights - RATE * torch.sign(weights * norms - wanted) * norms).clamp(min=LEAST)
        self.weights[at] = moved * weights.sum() / moved.sum()
