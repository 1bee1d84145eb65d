"""Weights learned on held-out loss: a task counts as much as its step on the shared weights helps all tasks there.

Liu, James, Davison & Johns, "Auto-λ: disentangling dynamic task relationships", TMLR 2022; the one-step look-ahead
is that of Ren et al., "Learning to reweight examples for robust deep learning", ICML 2018.
"""

import torch
from torch import Tensor

from online_model.multitask.balancing.balancer import Balancer, Step, descend
from online_model.multitask.gradients import cut, task_gradients

AHEAD = 0.1  # length of the step that is tried, in gradients
RATE = 10.0  # of the weights' own steps: gradients of mean losses are small, at 1 nothing moves


class Meta(Balancer):
    """w = T softmax(ω); ω descends the held-out loss after the trial step θ' = θ − AHEAD Σ_t w_t g_t.

    ∂H(θ') / ∂w_t = −AHEAD ∇H(θ') · g_t with H the sum of the held-out losses, g_t and ∇H on shared parameters only:
    a task's own parameters say nothing about the others. θ is put back.
    """

    logits: Tensor

    def __init__(self, tasks: int) -> None:
        super().__init__(tasks)
        self.register_buffer("logits", torch.zeros(tasks))

    def backward(self, step: Step) -> None:
        at = list(step.tasks)
        weights = self.tasks * torch.softmax(self.logits, dim=0)
        gradients = task_gradients(step.losses, step.shared)
        descend(step.losses, weights[at])
        before = [parameter.detach().clone() for parameter in step.shared]
        with torch.no_grad():
            for parameter, move in zip(step.shared, cut(weights[at] @ gradients, step.shared), strict=True):
                parameter.sub_(AHEAD * move)
        (ahead,) = task_gradients(step.held_out().sum()[None], step.shared)
        with torch.no_grad():
            for parameter, value in zip(step.shared, before, strict=True):
                parameter.copy_(value)
        by_weight = torch.zeros(self.tasks)
        by_weight[at] = -AHEAD * (gradients @ ahead)
        self.logits -= RATE * weights * (by_weight - (weights * by_weight).sum() / self.tasks)
