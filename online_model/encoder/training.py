"""Train the encoder: a few passes over a window of choices, stopped when the newest examples say so."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from online_model.encoder.choices import Choices
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import NOTHING, Described
from online_model.encoder.judge import judge
from online_model.encoder.losses import among_all, among_rivals
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.towers import Towers
from online_model.encoder.transfer import Part, Source
from online_model.encoder.user_towers.past import Past
from online_model.encoder.warm_start import begun_from
from online_model.encoder.weights import Weights
from online_model.encoder.window import Window, gates_of, numbered
from online_model.example import Example
from online_model.kinds import Kind

LAST_RATE = 0.1  # of the learning rate, at the end of the last epoch; linear in between


class Epoch(NamedTuple):
    """train_loss: mean of the epoch's steps. holdout_loss: after it, on the newest examples (judge.py)."""

    number: int
    train_loss: float
    holdout_loss: float
    seconds: float


def fit(
    choices: Choices,
    holdout: Sequence[Example],
    tasks: Sequence[str],
    settings: EncoderSettings,
    *,
    known: Described = NOTHING,
    warm_start: CompiledEncoder | None = None,
    source: Source | None = None,
    frozen: Collection[Part] = (),
    progress: Callable[[Epoch], None] = lambda epoch: None,
) -> Weights:
    """The weights after the epoch that judges best on `holdout`, which must be newer than the choices.

    The same arguments give the same weights. known: what the catalogue says of items. warm_start is taken up where
    its shapes are these; its tasks are matched by name. source, frozen: see transfer.py.
    """
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)  # several add up in another order each time, and others serve on the other cores
    towers = Towers(settings, len(tasks))
    windows = [(numbered(choices, known, settings), 1.0)]
    if source:
        windows.append((numbered(source.choices, known, settings), source.weight))
    if warm_start:
        towers.load(begun_from(warm_start, towers.weights(), tasks))
    for part in frozen:
        towers.get_submodule(part).requires_grad_(False)
    if "item" not in frozen:
        gates = gates_of([window for window, _ in windows], settings, towers.item.gates.numpy())
        towers.item.gates.copy_(torch.from_numpy(gates))
    optimizer = torch.optim.AdamW(
        towers.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )
    steps = settings.epochs * sum(-(-len(window.task) // settings.batch) for window, _ in windows)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, LAST_RATE, steps)
    best, best_loss = towers.weights(), np.inf
    for number in range(1, settings.epochs + 1):
        start = time.monotonic()
        train_loss = _epoch(towers, windows, settings, optimizer, schedule)
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
    windows: Sequence[tuple[Window, float]],
    settings: EncoderSettings,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> float:
    towers.train()
    losses = []
    batches = [
        (window, weight, batch)
        for window, weight in windows
        for batch in torch.split(torch.randperm(len(window.task)), settings.batch)
        if len(batch) > 1
    ]
    for at in torch.randperm(len(batches)).tolist():
        window, weight, batch = batches[at]
        loss = weight * _loss(towers, window, batch, settings)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return float(np.mean(losses))


def _loss(towers: Towers, window: Window, batch: Tensor, settings: EncoderSettings) -> Tensor:
    rows, items, words = window.rows[batch], window.items[batch], window.words[batch]
    met, where = torch.unique(
        torch.cat([rows.flatten(), items.flatten(), words.flatten()]), return_inverse=True
    )
    known = window.known.only(met)
    gates = towers.item.gates[known.id_rows].amin(dim=1) * (torch.rand(len(met)) >= settings.id_dropout)
    vectors = towers.item(known, gates)
    at_rows, at_items, at_words = where.split([rows.numel(), items.numel(), words.numel()])
    used = torch.arange(items.shape[1])[None] < window.past[batch][:, None]
    past = Past(vectors[at_items.view_as(items)], window.kinds[batch], window.ages[batch], used)
    used = torch.arange(words.shape[1])[None] < window.asked[batch][:, None]
    kinds = torch.full_like(words, int(Kind.SEARCH))
    asked = Past(vectors[at_words.view_as(words)], kinds, window.word_ages[batch], used)
    users = towers.trunk(towers.user(past, asked))[torch.arange(len(batch)), window.task[batch]]  # [b, d]
    of_rows = vectors[at_rows.view_as(rows)]
    logits = torch.einsum("bd,brd->br", users, of_rows)
    ranked = window.ranked[batch]
    rivals = among_rivals(logits[ranked], window.log_odds[batch][ranked]).sum() / len(batch)
    everything, log_sum = among_all(users, of_rows[:, 0], rows[:, 0], window.log_q[rows[:, 0]])
    level = (log_sum - float(np.log(len(window.log_q)))).square().mean()
    penalty = settings.level * level + towers.trunk.shared.penalty()
    return rivals + settings.batch_loss * everything.mean() + penalty
