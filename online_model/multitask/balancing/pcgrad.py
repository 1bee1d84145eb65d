"""Gradient surgery: where two tasks pull in opposite directions, each gives up the part that hurts the other.

Yu, Kumar, Gupta, Levine, Hausman & Finn, "Gradient surgery for multi-task learning", NeurIPS 2020.
"""

import torch

from online_model.multitask.balancing.balancer import Balancer, Step, descend
from online_model.multitask.gradients import cut, task_gradients


class PcGrad(Balancer):
    """g_t ← g_t − (g_t · g_s / ‖g_s‖²) g_s for each other s with g_t · g_s < 0, in random order; then their sum.

    g_s is always the gradient before surgery. Only shared parameters; a task's own get its own gradient.
    """

    def backward(self, step: Step) -> None:
        gradients = task_gradients(step.losses, step.shared)
        descend(step.losses, torch.ones(len(step.tasks)))
        corrected = gradients.clone()
        for t, g in enumerate(corrected):
            for s in torch.randperm(len(gradients)).tolist():
                along = g @ gradients[s]
                if s != t and along < 0:
                    g -= along / gradients[s].square().sum() * gradients[s]
        change = (corrected - gradients).sum(0)
        for parameter, part in zip(step.shared, cut(change, step.shared), strict=True):
            parameter.grad = part.clone() if parameter.grad is None else parameter.grad + part
