"""River's estimators behind the adaptor are what they are without it."""

import numpy as np
import pytest
from heads.streams import stream
from river import compose, dummy, linear_model, naive_bayes, preprocessing, tree

from online_model.heads.river_adaptor import RiverHead
from online_model.tasks import TaskKind


def scaled(last: object) -> compose.Pipeline:
    return compose.Pipeline(preprocessing.StandardScaler(), last)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        pytest.param(linear_model.LogisticRegression, "binary", id="logistic"),
        pytest.param(lambda: scaled(linear_model.ALMAClassifier()), "binary", id="pipeline"),
        pytest.param(naive_bayes.GaussianNB, "binary", id="naive Bayes"),
        pytest.param(lambda: tree.HoeffdingTreeRegressor(grace_period=50), "regression", id="tree"),
        pytest.param(lambda: scaled(linear_model.LinearRegression()), "count", id="count"),
    ],
)
def test_it_learns_and_predicts_what_river_does(make: object, kind: TaskKind) -> None:
    head, alone = RiverHead(3, make(), kind), make()
    x, y = stream(kind, 300, width=3)

    head.learn(x, y)
    for row, label in zip(x.tolist(), y.tolist(), strict=True):
        alone.learn_one(dict(enumerate(row)), bool(label) if kind == "binary" else label)

    rows = [dict(enumerate(row)) for row in x.tolist()]
    if kind == "binary":
        expected = [alone.predict_proba_one(row)[True] for row in rows]
    else:
        expected = [max(alone.predict_one(row), 0 if kind == "count" else -1e6) for row in rows]
    np.testing.assert_array_equal(head.predict(x), np.array(expected, np.float32))


def test_a_row_with_weight_2_is_learned_twice() -> None:
    weighed, twice = (RiverHead(3, linear_model.LogisticRegression()) for _ in range(2))
    x, y = stream("binary", 20, width=3)

    weighed.learn(x, y, np.full(20, 2, np.float32))
    twice.learn(x.repeat(2, axis=0), y.repeat(2))

    assert weighed.estimator.weights == twice.estimator.weights


def test_an_estimator_that_knows_one_label_only_gives_none_to_the_other() -> None:
    head = RiverHead(3, dummy.PriorClassifier())
    x, _ = stream("binary", 4, width=3)

    before = head.predict(x)
    head.learn(x, np.zeros(4, np.float32))

    assert before.tolist() == [0.5] * 4
    assert head.predict(x).tolist() == [0.0] * 4


class Says:
    """Predicts what it is told to."""

    def __init__(self, value: float | None) -> None:
        self.value = value

    def predict_one(self, row: dict[int, float]) -> float | None:
        return self.value


@pytest.mark.parametrize(
    ("kind", "value", "predicted"),
    [
        ("regression", None, 0),
        ("regression", float("nan"), 0),
        ("regression", 1e300, 1e6),
        ("count", -2.5, 0),
        ("count", float("inf"), 1e6),
        ("count", 2.5, 2.5),
    ],
)
def test_what_it_predicts_is_cut_to_the_kind_of_the_task(
    kind: TaskKind, value: float | None, predicted: float
) -> None:
    head = RiverHead(1, Says(value), kind)

    assert head.predict(np.zeros((1, 1), np.float32)).tolist() == [predicted]
