"""What holds for every head."""

import numpy as np
import pytest
from heads.streams import MAKE, OURS, SPAN, Head, RiverHead, Rows, loss, means, stream
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

every_head = pytest.mark.parametrize("name", MAKE)
every_head_of_ours = pytest.mark.parametrize("name", OURS)
few = settings(max_examples=15, deadline=None, derandomize=True)

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
extreme = st.sampled_from([0.0, -0.0, 1e-45, -1e-38, 1.0, 1e4, -1e6, 3e38, -3e38]) | finite
seeds = st.integers(0, 1000)
cuts = st.lists(st.integers(0, 30), max_size=5).map(sorted)


def taught(name: str, seed: int = 7, rows: int = 40) -> Head | RiverHead:
    head = MAKE[name](4)
    head.learn(*stream(head.kind, rows, seed=seed))
    return head


def copied(head: Head | RiverHead) -> list[np.ndarray]:
    return [part.copy() for part in head.state]


def assert_same(head: Head | RiverHead, state: list[np.ndarray]) -> None:
    for mine, other in zip(head.state, state, strict=True):
        np.testing.assert_array_equal(mine, other)


@every_head
@few
@given(seed=seeds)
def test_predicting_changes_nothing(name: str, seed: int) -> None:
    head, (x, _) = taught(name), stream("binary", 10, seed=seed)
    before = copied(head)

    first, second = head.predict(x), head.predict(x)

    np.testing.assert_array_equal(first, second)
    assert_same(head, before)


@every_head
def test_it_predicts_before_it_has_learned(name: str) -> None:
    head = MAKE[name](4)
    start = {"binary": 0.5, "regression": 0.0 if name == "river, regression" else 3.0, "count": 1.0}

    got = head.predict(np.ones((3, 4), np.float32))

    assert got.dtype == np.float32
    assert got.tolist() == [start[head.kind]] * 3


@every_head
@few
@given(seed=seeds, cuts=cuts)
def test_batches_however_cut_teach_the_same_bit_for_bit(name: str, seed: int, cuts: list[int]) -> None:
    whole, parts = MAKE[name](4), MAKE[name](4)
    x, y = stream(whole.kind, 30, seed=seed)
    weight = np.random.default_rng(seed).integers(0, 3, 30).astype(np.float32)

    whole.learn(x, y, weight)
    for rows in np.split(np.arange(30), cuts):
        parts.learn(x[rows], y[rows], weight[rows])

    assert_same(whole, copied(parts))
    np.testing.assert_array_equal(whole.predict(x), np.concatenate([parts.predict(row[None]) for row in x]))


@every_head
def test_wide_rows_too_teach_the_same_bit_for_bit(name: str) -> None:
    whole, parts = MAKE[name](67), MAKE[name](67)  # lanes of the processor and a rest
    x, y = stream(whole.kind, 12, width=67)

    whole.learn(x, y)
    for at in range(12):
        parts.learn(x[at : at + 1], y[at : at + 1])

    assert_same(whole, copied(parts))
    np.testing.assert_array_equal(whole.predict(x), np.concatenate([parts.predict(row[None]) for row in x]))


@every_head
@few
@given(seed=seeds)
def test_the_same_rows_teach_the_same(name: str, seed: int) -> None:
    assert_same(taught(name, seed), copied(taught(name, seed)))


@every_head
@few
@given(seed=seeds)
def test_a_state_put_into_a_new_head_goes_on_as_the_old_one(name: str, seed: int) -> None:
    old, new = taught(name, seed), MAKE[name](4)
    x, y = stream(old.kind, 20, seed=seed + 1)
    at_copy = copied(old)

    new.state = tuple(at_copy)
    old.learn(x, y)

    assert_same(new, at_copy)  # a copy: what the old one learns since is its own
    new.learn(x, y)
    assert_same(new, copied(old))
    np.testing.assert_array_equal(new.predict(x), old.predict(x))


@pytest.mark.parametrize("name", [name for name in MAKE if name != "river, count"])  # its own exp() overflows
@few
@given(
    x=arrays(np.float32, (12, 4), elements=extreme),
    y=arrays(np.float32, 12, elements=st.sampled_from([0.0, 0.0, 0.5, 1.0])),
    weight=arrays(np.float32, 12, elements=st.sampled_from([0.0, 1.0, 3.0])),
)
def test_extreme_rows_leave_it_finite_and_its_predictions_in_their_span(
    name: str, x: Rows, y: Rows, weight: Rows
) -> None:
    head = taught(name)
    low, high = SPAN[head.kind]

    head.learn(x, low + (y.round() if head.kind == "binary" else y) * np.float32(high - low), weight)
    if isinstance(head, RiverHead):
        low, high = head.low, head.high
    else:
        assert all(np.isfinite(part).all() for part in head.state)
    p = head.predict(np.concatenate([x, -x, x[::-1] * np.float32(1e-3)]))

    assert np.isfinite(p).all() and (p >= low).all() and (p <= high).all()


@every_head_of_ours
def test_heavy_rows_of_one_sign_leave_it_finite(name: str) -> None:
    head = MAKE[name](4)
    low, high = SPAN[head.kind]
    x, heavy = np.full((200, 4), 3e38, np.float32), np.full(200, 1e4, np.float32)

    for label in (high, low):
        head.learn(x, np.full(200, label, np.float32), heavy)
        assert all(np.isfinite(part).all() for part in head.state)

    assert np.isfinite(head.predict(stream("binary", 20)[0])).all()


@every_head_of_ours
def test_probabilities_are_never_0_or_1(name: str) -> None:
    head = MAKE[name](4)
    if head.kind != "binary":
        return
    x = np.array([[1e5] * 4, [-1e5] * 4], np.float32)
    for _ in range(20):
        head.learn(x, np.array([1, 0], np.float32))

    p = head.predict(x)

    assert 0 < p[1] < 0.5 < p[0] < 1


@every_head
def test_it_finds_most_of_what_there_is_to_find(name: str) -> None:
    head = MAKE[name](4)
    x, y = stream(head.kind, 4_000)
    late = slice(3_000, None)  # judged on rows before they are learned, once it had 3,000

    predicted = []
    for at in range(0, len(x), 100):
        predicted.append(head.predict(x[at : at + 100]))
        head.learn(x[at : at + 100], y[at : at + 100])

    cost = loss(head.kind, np.clip(np.concatenate(predicted), 1e-3, None)[late], y[late])
    constant = loss(head.kind, np.full(1_000, y[late].mean()), y[late])
    least = loss(head.kind, means(head.kind, x[late]), y[late])
    assert (constant - cost) / (constant - least) > 0.85


@every_head
@few
@given(seed=seeds)
def test_rows_with_weight_0_change_nothing(name: str, seed: int) -> None:
    with_rows, without = taught(name), taught(name)
    x, y = stream(without.kind, 20, seed=seed)
    kept = np.arange(20) % 3 > 0

    with_rows.learn(x, y, kept.astype(np.float32))
    without.learn(x[kept], y[kept])

    assert_same(with_rows, copied(without))


@every_head
def test_weights_of_1_are_as_no_weights(name: str) -> None:
    given_, none = MAKE[name](4), MAKE[name](4)
    x, y = stream(none.kind, 20)

    given_.learn(x, y, np.ones(20, np.float32))
    none.learn(x, y)

    assert_same(given_, copied(none))


@every_head
def test_a_row_weighs_more_with_a_larger_weight(name: str) -> None:
    light, heavy = taught(name), taught(name)
    x = np.ones((1, 4), np.float32)
    y = np.array(
        [SPAN[light.kind][int(light.predict(x)[0] < 0.5)]], np.float32
    )  # the end that is farther away

    light.learn(x, y, np.array([1], np.float32))
    heavy.learn(x, y, np.array([3], np.float32))

    assert abs(heavy.predict(x)[0] - y[0]) < abs(light.predict(x)[0] - y[0])


@every_head_of_ours
def test_memory_does_not_grow(name: str) -> None:
    head = MAKE[name](4)
    before = [(id(part), part.shape, part.dtype) for part in head.state]

    head.learn(*stream(head.kind, 500))

    assert [(id(part), part.shape, part.dtype) for part in head.state] == before
    assert all(part.dtype == np.float32 for part in head.state)


@every_head
def test_an_empty_batch_is_nothing(name: str) -> None:
    head, nothing = taught(name), np.empty(0, np.float32)
    before = copied(head)

    head.learn(np.empty((0, 4), np.float32), nothing, nothing)

    assert_same(head, before)
    assert head.predict(np.empty((0, 4), np.float32)).shape == (0,)


@every_head_of_ours
@few
@given(seed=seeds)
def test_the_parts_of_an_explanation_add_up_to_what_is_predicted(name: str, seed: int) -> None:
    head, (x, _) = taught(name, rows=200), stream("binary", 20, seed=seed)
    link = {
        "binary": lambda s: 1 / (1 + np.exp(-s)),
        "regression": lambda s: np.clip(s, 1, 5),
        "count": np.exp,
    }

    parts = head.explain(x)

    assert parts.shape == (20, 5)
    np.testing.assert_allclose(link[head.kind](parts.sum(axis=1)), head.predict(x), rtol=1e-4)


@every_head_of_ours
def test_a_feature_that_is_0_explains_nothing(name: str) -> None:
    x = stream("binary", 10)[0]
    x[:, 2] = 0

    parts = taught(name).explain(x)

    assert (parts[:, 2] == 0).all() and (parts[:, 0] != 0).all()


@every_head_of_ours
def test_rows_may_lie_in_memory_as_they_like(name: str) -> None:
    head, other = MAKE[name](4), MAKE[name](4)
    x, y = stream(head.kind, 40)
    x[0, 0] = 1e7  # a number that is cut
    columns = np.asfortranarray(x)

    head.learn(x[::2].copy(), y[::2].copy())
    other.learn(columns[::2], y[::2])

    assert_same(head, copied(other))
    np.testing.assert_array_equal(head.predict(columns), head.predict(x))
