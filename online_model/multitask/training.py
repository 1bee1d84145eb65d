"""Train one architecture with one way of balancing, on one schedule."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
import torch
from msgspec import Meta
from numpy.typing import NDArray
from torch import Tensor

from online_model.multitask.architectures import ARCHITECTURES, Architecture
from online_model.multitask.balancing import BALANCERS, PLAIN, Step
from online_model.multitask.examples import Examples, losses
from online_model.multitask.gradients import affinity, shared_parameters
from online_model.multitask.inputs import Features, Inputs
from online_model.multitask.layers import Sizes
from online_model.multitask.schedules import SCHEDULES

LAST_RATE = 0.05  # of the learning rate, at the end; linear in between
PREDICTED_ROWS = 8192  # at a time: bounds memory, changes no score


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """architecture, balancing, schedule: names of the tables. Written into every report."""

    architecture: str
    balancing: str = PLAIN
    schedule: str = "joint"
    sizes: Sizes = Sizes()
    epochs: Annotated[int, Meta(ge=1)] = 5
    batch: Annotated[int, Meta(ge=1)] = 512
    learning_rate: Annotated[float, Meta(gt=0)] = 3e-3
    weight_decay: Annotated[float, Meta(ge=0)] = 0.05  # L2, decoupled
    seed: int = 1

    @property
    def names(self) -> tuple[str, str, int]:
        """What differs from run to run of a comparison."""
        return self.architecture, self.balancing, self.seed


class Fitted(NamedTuple):
    """model: in evaluation. affinity: f32[tasks, tasks] on the held-out tenth, mean over the epochs' ends; None
    where nothing is shared.
    """

    model: Architecture
    affinity: Tensor | None


def build(recipe: Recipe, features: Features, tasks: tuple[str, ...]) -> Architecture:
    """An untrained model, its weights drawn by the recipe's seed."""
    torch.manual_seed(recipe.seed)
    return ARCHITECTURES[recipe.architecture](features, tasks, recipe.sizes)


def fit(
    recipe: Recipe,
    features: Features,
    tasks: tuple[str, ...],
    train: Examples,
    *,
    progress: Callable[[int, int], Any] = lambda step, steps: None,
) -> Fitted:
    """The model after recipe.epochs passes over nine tenths of `train`; the tenth left is for `meta` and affinity.

    The same arguments give the same weights, on one thread. Nothing is shared (`single`, `soft`): any balancing is
    the plain sum.
    """
    torch.set_num_threads(1)  # several add up in another order each time
    model = build(recipe, features, tasks)
    shared = shared_parameters(model, train.inputs.rows(torch.arange(1)))
    balancer = BALANCERS[recipe.balancing if shared else PLAIN](len(tasks))
    schedule = SCHEDULES[recipe.schedule]
    order = torch.randperm(len(train.labels))
    tenth = max(len(order) // 10, 1)
    held_out, train = train.rows(order[:tenth]), train.rows(order[tenth:])
    parameters = [*model.parameters(), *balancer.parameters()]
    optimizer = torch.optim.AdamW(
        parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
    )
    a_pass = -(-len(train.labels) // recipe.batch)
    steps = recipe.epochs * a_pass
    rate = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, LAST_RATE, steps)

    def look() -> Tensor:
        batch = held_out.rows(torch.randint(len(held_out.labels), (recipe.batch,)))
        return losses(model(batch.inputs), batch.labels)

    done, cosines = 0, []
    for _ in range(recipe.epochs):
        sums, counts = torch.zeros(len(tasks)), torch.zeros(len(tasks))
        for at in torch.split(torch.randperm(len(train.labels)), recipe.batch):
            batch, active = train.rows(at), schedule(done, steps, len(tasks))
            logits = model(batch.inputs)
            wanted = list(active)
            each = losses({tasks[t]: logits[tasks[t]] for t in active}, batch.labels[:, wanted])
            optimizer.zero_grad()
            if (penalty := model.penalty(logits)).requires_grad:
                torch.autograd.backward(penalty, retain_graph=True)
            balancer.backward(Step(each, active, shared, look))
            optimizer.step()
            rate.step()
            sums[wanted] += each.detach()
            counts[wanted] += 1
            done += 1
            progress(done, steps)
        balancer.end_epoch(sums / counts)
        if shared:
            cosines.append(affinity(losses(model(held_out.inputs), held_out.labels), shared))
    return Fitted(model.eval(), torch.stack(cosines).mean(0) if cosines else None)


@torch.no_grad()
def predict(model: Architecture, inputs: Inputs) -> NDArray[np.float32]:
    """Logits, f32[n, tasks]."""
    parts = torch.split(torch.arange(len(inputs.dense)), PREDICTED_ROWS)
    logits = [torch.stack(list(model(inputs.rows(at)).values()), dim=1) for at in parts]
    scores: NDArray[np.float32] = torch.cat(logits).numpy()
    return scores
