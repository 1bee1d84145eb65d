"""Train the encoder: a few passes over a window of choices, stopped when the newest examples say so."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from online_model.encoder.choices import Choices
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import NOTHING, Described
from online_model.encoder.items import Items, items_of
from online_model.encoder.judge import judge
from online_model.encoder.losses import among_all, among_rivals
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.towers import Towers
from online_model.encoder.user_towers.past import Past
from online_model.encoder.weights import Weights
from online_model.example import Example

COUNT_FADE = 0.5  # a refresh later, an item that nobody touched is believed half as much
LAST_RATE = 0.1  # of the learning rate, at the end of the last epoch; linear in between


class Epoch(NamedTuple):
    """train_loss: mean of the epoch's steps. holdout_loss: after it, on the newest examples (judge.py)."""

    number: int
    train_loss: float
    holdout_loss: float
    seconds: float


class Window(NamedTuple):
    """The choices with their m different items numbered, as tensors."""

    rows: Tensor  # i64[n, r], numbers of items
    log_odds: Tensor
    task: Tensor
    ranked: Tensor
    items: Tensor  # i64[n, p], numbers of items
    kinds: Tensor
    ages: Tensor
    past: Tensor
    log_q: Tensor  # f32[m], log share of the choices; of an item never chosen as if once
    known: Items  # m items


def fit(
    choices: Choices,
    holdout: Sequence[Example],
    tasks: Sequence[str],
    settings: EncoderSettings,
    *,
    known: Described = NOTHING,
    warm_start: CompiledEncoder | None = None,
    progress: Callable[[Epoch], None] = lambda epoch: None,
) -> Weights:
    """The weights after the epoch that judges best on `holdout`, which must be newer than the choices.

    The same arguments give the same weights. known: what the catalogue says of items. warm_start is taken up where
    its shapes are these; its tasks are matched by name.
    """
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)  # several add up in another order each time, and others serve on the other cores
    towers = Towers(settings, len(tasks))
    window = _numbered(choices, known, settings)
    if warm_start:
        towers.load(_fitted(warm_start, towers.weights(), tasks))
    towers.item.gates.copy_(torch.from_numpy(_gates(window, settings, towers.item.gates.numpy())))
    optimizer = torch.optim.AdamW(
        towers.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )
    steps = settings.epochs * -(-len(choices.task) // settings.batch)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, LAST_RATE, steps)
    best, best_loss = towers.weights(), np.inf
    for number in range(1, settings.epochs + 1):
        start = time.monotonic()
        train_loss = _epoch(towers, window, settings, optimizer, schedule)
        weights = towers.weights()
        trial = CompiledEncoder("trial", tuple(tasks), settings, weights, known)
        loss = float(judge(trial, holdout, len(tasks)).loss.mean())
        progress(Epoch(number, train_loss, loss, time.monotonic() - start))
        if loss >= best_loss:
            break
        best, best_loss = weights, loss
    return best


def _epoch(
    towers: Towers,
    window: Window,
    settings: EncoderSettings,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> float:
    towers.train()
    losses = []
    for batch in torch.split(torch.randperm(len(window.task)), settings.batch):
        if len(batch) < 2:
            continue
        loss = _loss(towers, window, batch, settings)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return float(np.mean(losses))


def _loss(towers: Towers, window: Window, batch: Tensor, settings: EncoderSettings) -> Tensor:
    rows, items = window.rows[batch], window.items[batch]
    met, where = torch.unique(torch.cat([rows.flatten(), items.flatten()]), return_inverse=True)
    known = window.known.only(met)
    gates = towers.item.gates[known.id_rows].amin(dim=1) * (torch.rand(len(met)) >= settings.id_dropout)
    vectors = towers.item(known, gates)
    at_rows, at_items = where[: rows.numel()].view_as(rows), where[rows.numel() :].view_as(items)
    used = torch.arange(items.shape[1])[None] < window.past[batch][:, None]
    past = Past(vectors[at_items], window.kinds[batch], window.ages[batch], used)
    users = towers.trunk(towers.user(past))[torch.arange(len(batch)), window.task[batch]]  # [b, d]
    of_rows = vectors[at_rows]
    logits = torch.einsum("bd,brd->br", users, of_rows)
    ranked = window.ranked[batch]
    rivals = among_rivals(logits[ranked], window.log_odds[batch][ranked]).sum() / len(batch)
    everything, log_sum = among_all(users, of_rows[:, 0], rows[:, 0], window.log_q[rows[:, 0]])
    level = (log_sum - float(np.log(len(window.log_q)))).square().mean()
    return rivals + settings.batch_loss * everything.mean() + settings.level * level


def _numbered(choices: Choices, known: Described, settings: EncoderSettings) -> Window:
    """Give the items of the window numbers, and look up once what each needs."""
    n = choices.rows.size
    pairs, numbers = np.unique(
        np.concatenate([choices.rows.ravel(), choices.items.ravel()]), return_inverse=True
    )
    rows, items = numbers[:n].reshape(choices.rows.shape), numbers[n:].reshape(choices.items.shape)
    chosen = np.bincount(rows[:, 0], minlength=len(pairs))
    log_q = np.log(np.maximum(chosen, 1) / len(rows)).astype(np.float32)
    arrays = (
        rows,
        choices.log_odds,
        choices.task,
        choices.ranked,
        items,
        choices.kinds.astype(np.int64),
        choices.ages,
        choices.past,
        log_q,
    )
    tensors = [torch.from_numpy(array) for array in arrays]
    return Window._make([*tensors, items_of(pairs, known, settings)])


def _gates(window: Window, settings: EncoderSettings, before: NDArray[np.float32]) -> NDArray[np.float32]:
    """c / (c + shrink) for each bucket, c the events that met it in the window (Cormode & Muthukrishnan's
    count-min sketch, 2005: the least of an item's buckets is its count, or a little more).
    """
    counts = np.bincount(window.known.id_rows[window.rows[:, 0]].flatten().numpy(), minlength=len(before))
    was = COUNT_FADE * settings.shrink * before / np.maximum(1 - before, 1e-6)
    c = np.maximum(counts, was)
    return (c / np.maximum(c + settings.shrink, 1e-6)).astype(np.float32)


def _fitted(live: CompiledEncoder, fresh: Weights, tasks: Sequence[str]) -> Weights:
    """The live encoder's arrays, with the tasks in this order; new tasks begin as `fresh` has them."""
    old, trunk = live.weights, fresh.trunk
    if _shapes(old) != _shapes(fresh):
        return fresh
    for t, name in enumerate(tasks):
        if name in live.tasks:
            at, was = live.tasks.index(name), old.trunk
            trunk.out[:, t], trunk.out_bias[t], trunk.skip[t] = was.out[:, at], was.out_bias[at], was.skip[at]
    return Weights(old.item, old.user, trunk._replace(into=old.trunk.into, bias=old.trunk.bias))


def _shapes(weights: Weights) -> dict[str, tuple[int, ...]]:
    """Of the arrays that do not depend on the tasks."""
    return {
        name: array.shape
        for name, array in weights.named().items()
        if name not in ("trunk.out", "trunk.out_bias", "trunk.skip")
    }
