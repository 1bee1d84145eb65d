"""A refresh learns what there is to learn, the same way each time, and its gate refuses what is worse."""

from functools import cache

import msgspec
import numpy as np
import pytest
from encoder.world import examples

from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.refresh import Refreshed, refresh, relearn
from online_model.encoder.replay import as_seen_by
from online_model.encoder.settings import EncoderSettings
from online_model.example import Example, unpack_example
from online_model.features import WIDTH
from online_model.heads import Heads
from online_model.settings import ModelSettings
from online_model.tasks import DEFAULT_TASKS

TASKS = tuple(task.name for task in DEFAULT_TASKS)
SMALL = EncoderSettings(dim=16, hidden=16, id_buckets=1 << 10, category_buckets=1 << 8, epochs=4, batch=64)


@cache
def world() -> list[Example]:
    return examples(1_500)


@cache
def trained() -> Refreshed:
    return refresh(world(), TASKS, SMALL, live=None)


def encoder(version: str = "v1") -> CompiledEncoder:
    return CompiledEncoder(version, TASKS, SMALL, trained().weights)


def test_it_is_better_than_chance_on_examples_it_has_not_seen() -> None:
    found = trained()

    assert found.better
    assert found.metrics["loss"] < found.metrics["live_loss"] - 0.05, found.metrics


def test_the_same_examples_give_the_same_weights() -> None:
    again = refresh(world(), TASKS, SMALL, live=None)

    expected = trained().weights.named()
    assert all(np.array_equal(a, expected[name]) for name, a in again.weights.named().items())


def test_the_gate_refuses_what_is_worse_than_the_live_encoder() -> None:
    untaught = msgspec.structs.replace(SMALL, learning_rate=3.0, epochs=1)

    found = refresh(world(), TASKS, untaught, live=None)
    against = refresh(world(), TASKS, untaught, live=encoder())

    assert against.metrics["live_loss"] < found.metrics["live_loss"]
    assert not against.better


def test_too_few_choices_to_judge_by_is_an_error_that_says_how_many() -> None:
    with pytest.raises(ValueError, match="50 are needed"):
        refresh(world()[:100], TASKS, SMALL, live=None)


def test_seen_by_an_encoder_only_its_columns_change_and_by_none_they_are_empty() -> None:
    example = world()[-1]
    seen = as_seen_by(encoder(), example)
    before, after = unpack_example(example)[0], unpack_example(seen)[0]

    assert np.array_equal(before[:WIDTH], after[:WIDTH])
    assert np.any(after[WIDTH:] != 0)
    assert seen.version.startswith("v1/")
    assert as_seen_by(encoder(), seen) is seen
    assert np.all(unpack_example(as_seen_by(None, seen))[0][WIDTH:] == 0)


def test_heads_relearn_the_window_as_the_new_encoder_sees_it() -> None:
    window = world()[:50]
    by_hand = Heads(ModelSettings(), DEFAULT_TASKS)
    for example in window:
        by_hand.learn(as_seen_by(encoder(), example))

    assert relearn(Heads(ModelSettings(), DEFAULT_TASKS), encoder(), window).dump() == by_hand.dump()


def test_a_score_does_not_depend_on_the_rows_beside_it() -> None:
    example = world()[-1]
    whole = encoder().logits_of(example)
    alone = encoder().logits_of(
        Example(
            *(getattr(example, f) for f in ("topic", "partition", "offset", "ts", "version")),
            items=example.items[:4],
            categories=example.categories[:4],
            features=example.features,
            labels=example.labels,
            odds=example.odds[:4],
            in_candidates=True,
            history=example.history,
        )
    )

    assert np.array_equal(whole[:1], alone)
