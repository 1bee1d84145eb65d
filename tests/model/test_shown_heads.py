"""Heads that learn what happens to shown items: probabilities that come true, however late the labels are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from online_model import Kind, ModelSettings, Task
from online_model.example import FINAL_MISS, HIT, LATE_HIT, MISS
from online_model.heads.late import LateLabels
from online_model.heads.shown import ShownHeads

WIDTH = 6
TASKS = {delay: Task(name="buy", label=Kind.PURCHASE, delay=delay) for delay in ("fnw", "wait", "es-dfm")}


def words(delay: str, bought: bool, late: bool) -> list[int]:
    """The labels that one shown row brings, in their order."""
    if delay == "wait":
        return [HIT if bought else MISS]
    if delay == "fnw":
        return [MISS, LATE_HIT] if bought else [MISS]
    return [HIT] if bought and not late else [MISS, LATE_HIT] if bought else [MISS, FINAL_MISS]


def learned(delay: str, rows: int = 30_000) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """(predicted, true) rates of two kinds of rows, after labels of which 60 % come late."""
    rng = np.random.default_rng(3)
    heads, late = ShownHeads(WIDTH, 1, ModelSettings()), LateLabels(WIDTH, [TASKS[delay]])
    kinds, rates = np.eye(2, WIDTH, dtype=np.float32), np.array([0.3, 0.05])
    for _ in range(rows):
        kind = int(rng.integers(2))
        z = kinds[kind : kind + 1].T.copy()
        for word in words(delay, bool(rng.random() < rates[kind]), bool(rng.random() < 0.6)):
            label = np.array([[word]], np.int8)
            heads.learn(z, *late.weigh(z.T, label, heads.probabilities(z)))
            late.learn(z.T, label)
    return heads.probabilities(kinds.T.copy())[:, 0], rates


@pytest.mark.parametrize("delay", list(TASKS))
def test_rates_come_out_right_although_most_labels_come_late(delay: str) -> None:
    predicted, true = learned(delay)

    np.testing.assert_allclose(predicted, true, rtol=0.15)


def test_weights_are_those_of_the_papers() -> None:
    z, p = np.zeros((2, WIDTH), np.float32), np.full((2, 1), 0.2, np.float32)
    labels = np.array([[MISS], [LATE_HIT]], np.int8)

    y, weight = LateLabels(WIDTH, [TASKS["fnw"]]).weigh(z, labels, p)
    es_y, es_weight = LateLabels(WIDTH, [TASKS["es-dfm"]]).weigh(z, labels, p)

    assert y.tolist() == es_y.tolist() == [[0], [1]]
    np.testing.assert_allclose(weight, [[0.8 * 1.2], [1.2]], rtol=1e-6)
    # nothing learned yet: half of the rows would come late, but no more than are bought at all
    np.testing.assert_allclose(es_weight, [[1.2 * 0.8 / (0.8 + 0.2)], [1.2]], rtol=1e-6)


def test_a_final_miss_moves_no_probability() -> None:
    heads, late = ShownHeads(WIDTH, 1, ModelSettings()), LateLabels(WIDTH, [TASKS["es-dfm"]])
    z = np.ones((WIDTH, 1), np.float32)
    before = [part.copy() for part in heads.state]

    taught = heads.learn(z, *late.weigh(z.T, np.array([[FINAL_MISS]], np.int8), heads.probabilities(z)))

    assert taught == 0
    assert all((old == new).all() for old, new in zip(before, heads.state, strict=True))


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_rows_learn_the_same_in_one_page_or_one_by_one(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(WIDTH, n)).astype(np.float32)
    y = rng.integers(-1, 2, size=(n, 2)).astype(np.int8)
    weight = rng.random((n, 2)).astype(np.float32)
    whole, single = (ShownHeads(WIDTH, 2, ModelSettings()) for _ in range(2))

    whole.learn(z, y, weight)
    for i in range(n):
        single.learn(z[:, i : i + 1].copy(), y[i : i + 1], weight[i : i + 1])

    assert all(a.tobytes() == b.tobytes() for a, b in zip(whole.state, single.state, strict=True))
    assert whole.probabilities(z).tobytes() == single.probabilities(z).tobytes()


@given(st.integers(0, 2**32 - 1))
def test_a_rows_probability_does_not_depend_on_the_others(seed: int) -> None:
    rng = np.random.default_rng(seed)
    heads = ShownHeads(WIDTH, 2, ModelSettings())
    z = rng.normal(size=(WIDTH, 9)).astype(np.float32)
    heads.learn(z, rng.integers(0, 2, size=(9, 2)).astype(np.int8), np.ones((9, 2), np.float32))

    together = heads.probabilities(z)

    assert together.tobytes() == b"".join(
        heads.probabilities(z[:, i : i + 1].copy()).tobytes() for i in range(9)
    )
    assert ((together > 0) & (together < 1)).all()


def test_what_every_row_has_explains_none_of_them() -> None:
    rng, heads = np.random.default_rng(5), ShownHeads(WIDTH, 1, ModelSettings())
    z = rng.random((WIDTH, 500)).astype(np.float32)
    z[2] = 0.75
    y = (z[0] > 0.5).astype(np.int8)[:, None]

    heads.learn(z, y, np.ones((500, 1), np.float32))
    parts = heads.explain(z[:, 0], 0)

    assert abs(parts[2]) < 1e-3 < 0.1 < abs(parts[0])
    logit = float(np.log(p := heads.probabilities(z[:, :1])[0, 0]) - np.log1p(-p))
    assert parts.sum() == pytest.approx(logit, abs=1e-4)
