"""From text to tensors: what is held out, what a column becomes, and what is refused."""

import numpy as np
import pytest
import torch

from online_model.multitask import DataError, Features
from online_model.multitask.area import area_under_roc
from online_model.multitask.census import COLUMNS, read_census
from online_model.multitask.delimited import FEW, read_delimited
from online_model.multitask.problem import Table, is_held_out, problem_of

TRAIN, TEST = [False] * 4, [True] * 2


def table(**columns: list[str]) -> Table:
    """Four training rows, then two held out; two labels."""
    labels = {name: np.array([False, True] * 3) for name in ("a", "b")}
    dense = [name for name in columns if name.startswith("number")]
    return Table(columns, dense, labels, np.array(TRAIN + TEST))


def test_a_third_is_held_out_and_it_is_the_same_third_each_time() -> None:
    lines = [f"{n},text" for n in range(3000)]

    held_out = [is_held_out(line) for line in lines]

    assert sum(held_out) == pytest.approx(1000, abs=80)
    assert [is_held_out(line) for line in "abcd"] == [True, False, True, True]  # CRC-32 modulo 3


def test_categories_are_numbered_by_the_training_rows_and_a_new_one_is_0() -> None:
    problem = problem_of(table(colour=["red", "blue", "red", "green", "pink", "red"]))

    assert problem.features == Features(dense=0, vocabularies=(4,))
    assert problem.train.inputs.categories.tolist() == [[3], [1], [3], [2]]
    assert problem.test.inputs.categories.tolist() == [[0], [3]]


def test_numbers_are_logarithms_standardized_by_the_training_rows_and_their_bins() -> None:
    e = np.exp([0, 1, 2, 3, 5, 1]) - 1

    problem = problem_of(table(number=[repr(float(x)) for x in e]))

    deviation = np.std([0, 1, 2, 3])
    dense = torch.cat([problem.train.inputs.dense, problem.test.inputs.dense])[:, 0]
    assert dense.tolist() == pytest.approx([(x - 1.5) / deviation for x in (0, 1, 2, 3, 5, 1)], abs=1e-5)
    bins = torch.cat([problem.train.inputs.categories, problem.test.inputs.categories])[:, 0]
    assert (bins[:4].diff() > 0).all() and bins[4] == bins[3] and bins[5] == bins[1]
    assert problem.features.vocabularies == (int(bins.max()) + 1,)


def test_a_number_that_is_always_the_same_says_nothing() -> None:
    problem = problem_of(table(number=["7"] * 6))

    assert problem.train.inputs.dense.tolist() == [[0.0]] * 4
    assert len(problem.train.inputs.categories.unique()) == 1


def test_the_labels_are_columns_in_the_tasks_order() -> None:
    problem = problem_of(table(colour=["red"] * 6))

    assert problem.tasks == ("a", "b")
    assert problem.train.labels.tolist() == [[0, 0], [1, 1], [0, 0], [1, 1]]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"a": [0, 1, 0, 1, 0, 1]}, "at least two labels are needed; got a"),
        ({}, "at least two labels are needed; got none"),
        ({"a": [0, 1, 0, 1, 0, 1], "b": [0, 1, 0, 1, 0, 0]}, "label 'b' is the same in all 2 held-out rows"),
        ({"a": [1, 1, 1, 1, 0, 1], "b": [0, 1, 0, 1, 0, 1]}, "label 'a' is the same in all 4 training rows"),
    ],
)
def test_a_comparison_needs_two_labels_with_hits_and_misses(labels: dict[str, list[int]], said: str) -> None:
    given = table(colour=["red"] * 6)._replace(labels={k: np.array(v, np.bool_) for k, v in labels.items()})

    with pytest.raises(DataError, match=said):
        problem_of(given)


def test_a_csv_column_is_a_number_when_it_has_many_and_nothing_else() -> None:
    rows = [f"{n},{n % FEW},{n if n else 'none'},{n % 2},{n % 3 % 2}" for n in range(FEW + 1)]

    read = read_delimited(["price,weekday,size,bought,viewed", *rows], ["viewed", "bought"])

    assert read.dense == ["price"]
    assert list(read.columns) == ["price", "weekday", "size"]
    assert list(read.labels) == ["viewed", "bought"]
    assert read.labels["bought"].tolist() == [n % 2 == 1 for n in range(FEW + 1)]
    assert read.held_out.tolist() == [is_held_out(row) for row in rows]


def test_a_quoted_field_may_hold_the_comma() -> None:
    read = read_delimited(["title,a", '"one, two",1'], ["a"])

    assert read.columns["title"] == ("one, two",)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["x,a", "1,yes"], "label 'a' must be 0 or 1; got 'yes'"),
        (["x,y", "1,1"], "no column a; there are x, y"),
        ([], "no column a; there are none"),
        (["x,a"], "there are no rows under the header"),
        (["x,a", "1,0", "1,0,2"], "line 3 has 3 fields; the header has 2"),
    ],
)
def test_a_csv_file_that_does_not_fit_is_refused_in_a_sentence(lines: list[str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_delimited(lines, ["a"])


def census_line(**fields: str) -> str:
    return ", ".join(fields.get(name, "0") for name in COLUMNS)


def test_census_has_two_labels_which_are_no_inputs() -> None:
    lines = [
        census_line(income="- 50000.", marital_status="Never married", age="7"),
        census_line(income="50000+.", marital_status="Divorced", age="50"),
    ]

    read = read_census(lines)

    assert {name: label.tolist() for name, label in read.labels.items()} == {
        "income": [False, True],
        "marital": [True, False],
    }
    assert set(COLUMNS) - set(read.columns) == {"marital_status", "instance_weight", "income"}
    assert read.columns["age"] == ("7", "50")
    assert len(read.dense) == 7


@pytest.mark.parametrize(
    ("lines", "said"), [(["1,2"], "line 1 has 2 fields; Census-Income has 42"), ([], "there are no lines")]
)
def test_a_file_that_is_no_census_is_refused(lines: list[str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_census(lines)


def test_area_counts_every_pair_and_ties_half() -> None:
    scores, labels = np.array([3.0, 1, 2, 2, 0]), np.array([True, False, True, False, True])
    pairs = [(hit > miss) + (hit == miss) / 2 for hit in scores[labels] for miss in scores[~labels]]

    assert area_under_roc(scores, labels) == pytest.approx(np.mean(pairs))


@pytest.mark.parametrize("label", [True, False])
def test_area_needs_both_sides(label: bool) -> None:
    with pytest.raises(ValueError, match="AUC needs hits and misses"):
        area_under_roc(np.zeros(3), np.full(3, label))
