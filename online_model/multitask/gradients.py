"""Gradients of single tasks on the parameters that they share."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from online_model.multitask.architectures import Architecture
from online_model.multitask.inputs import Inputs

Parameters = Sequence[nn.Parameter]


def shared_parameters(model: Architecture, x: Inputs) -> tuple[nn.Parameter, ...]:
    """Those that the logits of two tasks or more depend on, in the model's order; none of `single` and `soft`."""
    parameters = list(model.parameters())
    reached = torch.zeros(len(parameters), dtype=torch.int64)
    for logit in model(x).values():
        gradients = torch.autograd.grad(logit.sum(), parameters, retain_graph=True, allow_unused=True)
        reached += torch.tensor([gradient is not None for gradient in gradients])
    return tuple(p for p, n in zip(parameters, reached, strict=True) if n >= 2)


def task_gradients(losses: Tensor, parameters: Parameters) -> Tensor:
    """f32[k] → f32[k, all the parameters' numbers in a row]; 0 where a loss does not depend on one.

    The graph is kept, .grad is not touched.
    """
    rows = []
    for loss in losses:
        gradients = torch.autograd.grad(
            loss, parameters, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        rows.append(torch.cat([gradient.flatten() for gradient in gradients]))
    return torch.stack(rows)


def cut(flat: Tensor, parameters: Parameters) -> list[Tensor]:
    """One number for each of the parameters' numbers, cut back into their shapes."""
    parts = torch.split(flat, [parameter.numel() for parameter in parameters])
    return [part.view_as(parameter) for part, parameter in zip(parts, parameters, strict=True)]


def affinity(losses: Tensor, shared: Parameters) -> Tensor:
    """Cosine of the tasks' gradients on the shared weights, f32[k, k], from −1 to 1; 0 without a gradient.

    Above 0 a step for one task helps the other as well, below 0 it hurts it. Du et al., "Adapting auxiliary losses
    using gradient similarity", 2018.
    """
    unit = torch.nn.functional.normalize(task_gradients(losses, shared), dim=1)
    return unit @ unit.T
