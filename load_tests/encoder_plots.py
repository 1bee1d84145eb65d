"""The pictures of docs/encoder.md, drawn from what was just measured."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from encoder_often import EVENTS, K, Life
from encoder_switch import AROUND, WAYS, Around
from encoder_transfer import SIZES, Results

STEP = 100  # events a point around a switch
WIDE = 2_500  # events a point along a stream


def plot_switch(switches: list[Around], path: Path) -> None:
    """Mean reciprocal rank by hundreds of choices, before a switch and after it each way."""
    figure, axes = plt.subplots(figsize=(7, 3.5))
    least = min(min(len(a.before), *(len(after) for after in a.after.values())) for a in switches) // STEP
    before = np.mean([a.before[-least * STEP :].reshape(least, STEP) for a in switches], axis=(0, 2))
    axes.plot(np.arange(-least, 0) * STEP + STEP / 2, before, color="gray", label="before")
    for way in WAYS:
        after = np.mean([a.after[way][: least * STEP].reshape(least, STEP) for a in switches], axis=(0, 2))
        axes.plot(np.arange(least) * STEP + STEP / 2, after, label=way, lw=2 if way == "going on" else 1)
    axes.axvline(0, color="black", lw=0.5)
    axes.set(
        xlabel="choices since the switch", ylabel=f"MRR@{K}", title=f"The {AROUND:,} events after a switch"
    )
    _save(figure, axes, path)


def plot_often(plans: dict[str, list[Life]], path: Path) -> None:
    """Recall along the stream, means over the seeds."""
    figure, axes = plt.subplots(figsize=(7, 3.5))
    for plan, lives in plans.items():
        hits = [[0 <= one.place < K for one in life.seen] for life in lives]
        shortest = min(map(len, hits)) // WIDE
        recall = np.mean([np.array(h[: shortest * WIDE]).reshape(shortest, WIDE) for h in hits], axis=(0, 2))
        axes.plot((np.arange(shortest) + 0.5) * WIDE, recall, label=plan)
    axes.set(
        xlabel=f"ratings, of {EVENTS:,}", ylabel=f"recall@{K}", title="How often the encoder is trained anew"
    )
    _save(figure, axes, path)


def plot_transfer(results: Results, path: Path) -> None:
    """Log loss over the number of the target's own examples."""
    figure, axes = plt.subplots(figsize=(7, 3.5))
    for way, row in results.items():
        axes.plot(SIZES, [loss for loss, _ in row], marker="o", label=way)
    axes.set(
        xlabel="examples of its own",
        ylabel="log loss, nats",
        title="A cold shop beside another",
        xscale="log",
    )
    axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
    _save(figure, axes, path)


def _save(figure: plt.Figure, axes: plt.Axes, path: Path) -> None:
    axes.legend(fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
