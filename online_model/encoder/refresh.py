"""One refresh as a function: examples in, a judged encoder with heads of its own out."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

from online_model.encoder.choices import collect
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import NOTHING, Described
from online_model.encoder.judge import figures, judge
from online_model.encoder.replay import as_seen_by
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.training import Epoch, fit
from online_model.encoder.transfer import Part, Source
from online_model.encoder.weights import Weights
from online_model.example import Example
from online_model.heads import Heads

HOLDOUT = 0.1  # newest share of the examples, on which training stops and the gate judges
LEAST_HOLDOUT = 50  # choices: a mean loss over fewer says nothing


class Refreshed(NamedTuple):
    """better: whether the new encoder is not worse than the live one (than chance, where there is none) on the
    newest slice. metrics: {"new": {task: figures}, "live": …, "loss": …, "live_loss": …}."""

    weights: Weights
    better: bool
    metrics: dict[str, Any]


def refresh(
    examples: Sequence[Example],
    tasks: Sequence[str],
    settings: EncoderSettings,
    live: CompiledEncoder | None,
    known: Described = NOTHING,
    *,
    source: Source | None = None,
    frozen: Collection[Part] = (),
    progress: Callable[[Epoch], None] = lambda epoch: None,
) -> Refreshed:
    """Train on all but the newest slice, warm-started from the live encoder; judge both on that slice.

    source, frozen: what is taken from another domain (transfer.py).

    Raises ValueError when the newest slice, or the rest, holds fewer than LEAST_HOLDOUT choices.
    """
    cut = int(len(examples) * (1 - HOLDOUT))
    older, newest = examples[:cut], examples[cut:]
    before = judge(live, newest, len(tasks))
    if len(before.loss) < LEAST_HOLDOUT:
        raise ValueError(
            f"the newest {len(newest)} examples hold {len(before.loss)} choices among candidates; "
            f"{LEAST_HOLDOUT} are needed to judge an encoder"
        )
    choices = collect(older, len(tasks))
    if len(choices.task) < LEAST_HOLDOUT:
        raise ValueError(
            f"the {len(older):,} older examples hold {len(choices.task)} choices to train on; "
            f"{LEAST_HOLDOUT} are needed"
        )
    weights = fit(
        choices,
        newest,
        tasks,
        settings,
        known=known,
        warm_start=live,
        source=source,
        frozen=frozen,
        progress=progress,
    )
    after = judge(CompiledEncoder("new", tuple(tasks), settings, weights, known), newest, len(tasks))
    loss, live_loss = float(after.loss.mean()), float(before.loss.mean())
    metrics = {
        "new": figures(after, tasks),
        "live": figures(before, tasks),
        "loss": round(loss, 5),
        "live_loss": round(live_loss, 5),
    }
    return Refreshed(weights, loss <= live_loss, metrics)


def heads_over(
    encoder: CompiledEncoder, live: CompiledEncoder | None, heads: Heads, examples: Sequence[Example]
) -> Heads:
    """What a new encoder's heads begin as; may change `heads`. The columns mean the same under every encoder, so the
    live heads go on: learning the window again would teach them twice (docs/encoder.md). Under their first encoder
    the columns are new to them, and they learn the window over it.
    """
    return heads if live else relearn(heads, encoder, examples)


def relearn(heads: Heads, encoder: CompiledEncoder, examples: Sequence[Example]) -> Heads:
    """The live heads, moved by the window's examples as the new encoder sees them; changes and returns `heads`."""
    for example in examples:
        heads.learn(as_seen_by(encoder, example))
    return heads
