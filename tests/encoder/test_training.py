"""Training: the same examples give the same encoder, it learns what there is to learn, and no worse one passes."""

import msgspec
import numpy as np
import pytest
from encoder.taste_world import SMALL, TASKS, World, noise

from online_model import Example
from online_model.encoder.choices import collect, joined
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.judge import judge
from online_model.encoder.refresh import refresh
from online_model.encoder.training import Epoch, fit
from online_model.encoder.weights import Weights


def as_bytes(weights: Weights) -> list[bytes]:
    return [array.tobytes() for array in weights.named().values()]


def test_the_same_examples_give_the_same_weights(examples: list[Example]) -> None:
    choices = collect(examples[:800], len(TASKS))

    first, second = (fit(choices, examples[800:900], TASKS, SMALL) for _ in range(2))

    assert as_bytes(first) == as_bytes(second)


def test_what_is_told_of_progress_is_one_entry_an_epoch(examples: list[Example]) -> None:
    told: list[Epoch] = []

    fit(collect(examples[:800], len(TASKS)), examples[800:900], TASKS, SMALL, progress=told.append)

    assert [epoch.number for epoch in told] == [1, 2]
    assert told[1].train_loss < told[0].train_loss


def test_it_beats_chance_where_tastes_can_be_told(trained: CompiledEncoder) -> None:
    """In a world it never saw, but of the same tastes: a shopper's choice is one of 20 items in 120, so that of the
    log 120 nats of chance log 6 can be had in nine of ten events."""
    unseen = World(seed=11).live(1_500)[500:]

    chance, learned = judge(None, unseen, len(TASKS)), judge(trained, unseen, len(TASKS))

    assert len(chance.loss) > 500
    gained = float(chance.loss.mean() - learned.loss.mean())
    assert 0.7 < gained < np.log(6)


def test_no_encoder_judges_as_chance(examples: list[Example]) -> None:
    """All logits 0: the loss is the logarithm of the list's length, and every tie counts against it."""
    judged = judge(None, examples[-200:], len(TASKS))

    np.testing.assert_allclose(np.exp(judged.loss), judged.rank + 1, rtol=1e-6)


def test_choices_collected_in_parts_are_the_choices_collected_at_once(examples: list[Example]) -> None:
    some = examples[:60]

    whole = collect(some, len(TASKS))
    parts = joined([collect(some[:7], len(TASKS)), collect(some[7:], len(TASKS))])

    for name in whole._fields:
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name), err_msg=name)


def test_the_gate_lets_a_better_encoder_pass(examples: list[Example]) -> None:
    result = refresh(examples, TASKS, SMALL, None)

    assert result.better
    assert result.metrics["loss"] < result.metrics["live_loss"]
    assert result.metrics["new"]["click"]["n"] == result.metrics["live"]["click"]["n"]


def test_the_gate_refuses_an_encoder_that_learned_noise(
    trained: CompiledEncoder, examples: list[Example]
) -> None:
    """The choices it trains on are wrong, those of the newest slice right: it forgets what the live one knows."""
    cut = len(examples) * 9 // 10

    result = refresh(noise(examples[:cut]) + examples[cut:], TASKS, SMALL, trained)

    assert not result.better
    assert result.metrics["loss"] > result.metrics["live_loss"]


@pytest.mark.parametrize(
    ("window", "said"),
    [
        pytest.param(slice(0, 0), "the newest 0 examples hold 0 choices", id="empty"),
        pytest.param(slice(0, 100), "the newest 10 examples hold", id="too-few-to-judge"),
    ],
)
def test_too_little_to_judge_is_said(examples: list[Example], window: slice, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        refresh(examples[window], TASKS, SMALL, None)


def test_nothing_to_train_on_is_said(examples: list[Example]) -> None:
    """All older examples were made for other tasks: they say nothing of these."""
    cut = len(examples) * 9 // 10
    foreign = [msgspec.structs.replace(e, labels=e.labels + b"\0") for e in examples[:cut]]

    with pytest.raises(ValueError, match="0 choices to train on"):
        refresh(foreign + examples[cut:], TASKS, SMALL, None)


def test_a_warm_start_finds_its_tasks_by_name(trained: CompiledEncoder, examples: list[Example]) -> None:
    """One step at a rate of nearly nothing: what comes out is what went in, in the order asked for."""
    still = msgspec.structs.replace(SMALL, learning_rate=1e-12, weight_decay=0.0, epochs=1)
    turned = tuple(reversed(TASKS))

    weights = fit(collect(examples[:64], 3), examples[64:128], turned, still, warm_start=trained)

    np.testing.assert_allclose(weights.trunk.skip, trained.weights.trunk.skip[::-1], atol=1e-6)
    np.testing.assert_allclose(weights.trunk.out, trained.weights.trunk.out[:, ::-1], atol=1e-6)
    np.testing.assert_allclose(weights.item.ids, trained.weights.item.ids, atol=1e-6)


def test_training_stops_when_the_newest_slice_gets_worse_and_keeps_the_best(examples: list[Example]) -> None:
    """At a rate far too high for so few choices they are soon learned by heart."""
    hasty, told = msgspec.structs.replace(SMALL, learning_rate=0.05, epochs=30), list[Epoch]()

    weights = fit(collect(examples[:400], 3), examples[400:600], TASKS, hasty, progress=told.append)

    losses = [epoch.holdout_loss for epoch in told]
    kept = judge(CompiledEncoder("kept", TASKS, hasty, weights), examples[400:600], 3)
    assert len(told) < 30
    assert losses[-1] >= losses[-2] == min(losses)
    assert float(kept.loss.mean()) == losses[-2]


@pytest.mark.parametrize("share", ["dropout", "id_dropout"])
def test_what_is_dropped_in_training_is_all_there_afterwards(examples: list[Example], share: str) -> None:
    """Half of the units, or of the ids, are left out of each step: another encoder, judged as a whole one."""
    without = msgspec.structs.replace(SMALL, dropout=0.0, id_dropout=0.0)
    dropping = msgspec.structs.replace(without, **{share: 0.5})
    choices, newest = collect(examples[:800], 3), examples[800:1_000]

    whole, dropped = (fit(choices, newest, TASKS, settings) for settings in (without, dropping))

    assert as_bytes(whole) != as_bytes(dropped)
    for settings, weights in ((without, whole), (dropping, dropped)):
        encoder = CompiledEncoder("v", TASKS, settings, weights)
        twice = [judge(encoder, newest, 3).loss for _ in range(2)]
        np.testing.assert_array_equal(*twice)
