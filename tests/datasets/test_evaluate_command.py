"""`freshet evaluate`: the stream's own code over a file, and its figures as the design fixes them."""

import json

import pytest

from freshet.cli import main
from freshet.datasets import FORMATS

DAY_S = 86_400


def session(user, start, items):
    """Lines of one shopper who looks at these items, a minute apart."""
    return [f"{user},{item},c{item[-1]},pv,{1_500_000_000 + start + 60 * n}" for n, item in enumerate(items)]


@pytest.fixture
def shop(tmp_path):
    """Thirty shoppers who all go i1 → i2 → i3 → i1, one after the other."""
    path = tmp_path / "taobao.csv"
    lines = [line for user in range(30) for line in session(f"u{user}", 600 * user, ["i1", "i2", "i3", "i1"])]
    path.write_text("\n".join(lines) + "\n")
    return path


def figures(tmp_path, *arguments):
    out = tmp_path / "figures.json"
    assert main(["evaluate", *map(str, arguments), "--json", str(out)]) == 0
    return json.loads(out.read_text())


def test_the_figures_are_those_of_the_design(tmp_path, shop, capsys):
    report = figures(tmp_path, "--format", "taobao", shop)

    assert set(report) >= {
        "format",
        "events",
        "users",
        "items",
        "seconds",
        "tasks",
        "weighted_recall",
        "mean",
        "baselines",
        "segments",
    }
    assert (report["format"], report["events"], report["users"], report["items"]) == ("taobao", 120, 30, 3)
    assert report["tasks"]["click"]["n"] == 60  # the second half
    assert {"recall@20", "mrr@20", "ndcg@20"} <= set(report["tasks"]["click"])
    assert {"recall@20", "precision@20", "f1@20", "ndcg@20"} <= set(report["mean"])
    assert set(report["baselines"]) == {
        "popularity",
        "own_history",
        "own_history_without_last",
        "covisit",
        "hand_blend",
    }
    assert report["tasks"]["click"]["recall@20"] > 0.9
    shown = capsys.readouterr().out
    assert "recall@20" in shown and "own_history_without_last" in shown and "120 events of 30 users" in shown
    assert max(len(line) for line in shown.splitlines()[:-1]) <= 80


@pytest.mark.parametrize(
    ("arguments", "counted"),
    [
        (["--warmup", "0"], 120),
        (["--warmup", "0.9"], 12),
        (["--warmup", "0", "--min-context", "1"], 90),
        (["--warmup", "0", "--limit", "40"], 40),
        (["--warmup", "0", "--k", "5"], 120),
    ],
)
def test_what_is_counted_can_be_said(tmp_path, shop, arguments, counted):
    report = figures(tmp_path, "--format", "taobao", shop, *arguments)

    assert report["tasks"]["click"]["n"] == counted


def test_sessions_count_from_their_second_event(tmp_path):
    path = tmp_path / "clicks.txt"
    lines = [
        f"{user}\t{item}\t{1_500_000_000 + user * 100 + item}" for user in range(10) for item in range(3)
    ]
    path.write_text("SessionId\tItemId\tTime\n" + "\n".join(lines))

    report = figures(tmp_path, "--format", "yoochoose", path, "--warmup", "0")

    assert report["tasks"]["click"]["n"] == 20
    assert [name for name, form in FORMATS.items() if form.sessions] == ["otto", "yoochoose"]


def test_a_test_file_alone_is_measured(tmp_path, shop):
    test = tmp_path / "test.csv"
    test.write_text("\n".join(session("u1", DAY_S, ["i1", "i2", "i3"])) + "\n")
    arguments = ["--format", "taobao", "--train", shop, "--test", test]

    learning = figures(tmp_path, *arguments)
    frozen = figures(tmp_path, *arguments, "--frozen")

    assert (learning["events"], learning["tasks"]["click"]["n"]) == (123, 3)
    assert frozen["tasks"]["click"]["n"] == 3


def test_a_test_file_whose_line_repeats_a_training_line_is_no_duplicate(tmp_path):
    path = tmp_path / "same.csv"
    path.write_text("\n".join(session("u1", 0, ["i1", "i2"])) + "\n")

    report = figures(tmp_path, "--format", "taobao", "--train", path, "--test", path)

    assert report["tasks"]["click"]["n"] == 2


def test_the_simulated_shop_is_evaluated(tmp_path):
    report = figures(tmp_path, "--simulate", 2_000)

    assert (report["format"], report["events"]) == ("simulate", 2_000)
    assert report["tasks"]["click"]["n"] > 100


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "taobao"], "--format taobao needs the PATH"),
        (["--simulate", "5", "--warmup", "1"], "--warmup is a share from 0 to less than 1; got 1"),
        (["--simulate", "5", "--k", "0"], "--k must be 1 or more; got 0"),
        (["--format", "taobao", "--train", "a"], "--train and --test go together"),
        (["--simulate", "5", "--train", "a", "--test", "b"], "--train PATH --test PATH need --format F"),
        (
            ["--format", "taobao", "c", "--train", "a", "--test", "b"],
            "--train PATH --test PATH need --format F",
        ),
        (["--format", "taobao", "--train", "a", "--test", "b"], "there is no file a"),
    ],
)
def test_wrong_usage_is_said_with_exit_status_two(arguments, said, capsys):
    assert main(["evaluate", *arguments]) == 2

    assert capsys.readouterr().err.startswith(f"freshet evaluate: {said}")
