"""How well an encoder alone picks what was chosen, on examples that it was not trained on.

An example carries a sample of the candidate list with known odds, so no figure is a sampled one: a rival with odds
π stands for 1/π, and rank and loss are estimates of those over the whole list.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.encoder.compiled import CompiledEncoder
from online_model.example import Example

K = 20  # places of a page


class Judgement(NamedTuple):
    """One entry a choice whose item was a candidate. Two judgements of the same examples match entry by entry."""

    task: NDArray[np.int64]  # [n]
    rank: NDArray[np.float64]  # [n], 0 the best; a tie counts against us
    loss: NDArray[np.float64]  # [n], nats: −log of the chosen item's share of the list


@njit(cache=True, nogil=True)
def _judge(
    logits: NDArray[np.float32], odds: NDArray[np.float32], labels: NDArray[np.int8], row: int, task: int
) -> tuple[float, float]:
    """Rank and loss of one row for one task; rows with labels other than 0 are not its rivals."""
    rank, total = 0.0, 1.0
    for i in range(len(logits)):
        if i != row and labels[i, task] == 0:
            ahead = logits[i, task] - logits[row, task]
            total += np.exp(min(ahead, 80.0)) / odds[i]
            if ahead >= 0:
                rank += 1.0 / odds[i]
    return rank, np.log(total)


def judge(encoder: CompiledEncoder | None, examples: Sequence[Example], tasks: int) -> Judgement:
    """Without an encoder: what chance gives, all logits 0."""
    found: list[tuple[int, float, float]] = []
    for example in examples:
        odds = np.frombuffer(example.odds, "<f4")
        if not example.in_candidates or len(odds) < 2 or len(example.labels) != len(odds) * tasks:
            continue
        labels = np.frombuffer(example.labels, np.int8).reshape(-1, tasks)
        logits = encoder.logits_of(example) if encoder else np.zeros(labels.shape, np.float32)
        for row, task in np.argwhere(labels == 1).tolist():
            found.append((task, *_judge(logits, odds, labels, row, task)))
    columns = np.array(found, np.float64).reshape(-1, 3).T
    return Judgement(columns[0].astype(np.int64), columns[1], columns[2])


def figures(judgement: Judgement, tasks: Sequence[str]) -> dict[str, dict[str, float]]:
    """Means by task, of the tasks that were seen: n, log_loss, mrr@20, recall@20."""
    found = {}
    for t, name in enumerate(tasks):
        rank, loss = judgement.rank[judgement.task == t], judgement.loss[judgement.task == t]
        if len(rank):
            found[name] = {
                "n": len(rank),
                "log_loss": round(float(loss.mean()), 5),
                f"mrr@{K}": round(float(np.where(rank < K, 1 / (1 + rank), 0).mean()), 4),
                f"recall@{K}": round(float((rank < K).mean()), 4),
            }
    return found
