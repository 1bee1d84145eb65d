"""`freshet evaluate-mtl`: its table, its files, how it goes on, and what it says when it cannot."""

import gzip
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from multitask.worlds import examples

from freshet.cli import main

CENSUS = Path(__file__).parents[3] / "shared/data/census_income/census-income.test.gz"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four numbers, two categories, three labels."""
    path = tmp_path_factory.mktemp("shop") / "rows.csv"
    x, labels = examples(240)
    lines = ["n1,n2,n3,n4,colour,size,view,cart,buy"]
    for numbers, categories, row in zip(x.dense, x.categories, labels.int(), strict=True):
        fields = [f"{value:.3f}" for value in numbers.tolist()] + [
            f"c{value}" for value in categories.tolist()
        ]
        lines.append(",".join([*fields, *map(str, row.tolist())]))
    path.write_text("\n".join(lines) + "\n")
    return path


def command(path: Path, *more: object) -> list[str]:
    asked = [
        "--labels",
        "view,buy",
        "--architectures",
        "mmoe",
        "--balancing",
        "dwa",
        "--seeds",
        "2",
        "--epochs",
        "1",
    ]
    return ["evaluate-mtl", "--data", "csv", str(path), *asked, *map(str, more)]


def report(path: Path) -> Any:
    return json.loads(path.read_text())


def test_the_table_has_the_control_and_every_row_that_was_asked_for(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"

    assert main(command(shop, "--json", out)) == 0

    written, shown = report(out), capsys.readouterr().out
    assert [(row["architecture"], row["balancing"], row["seeds"]) for row in written["table"]] == [
        ("single", "fixed", 2),
        ("mmoe", "dwa", 2),
    ]
    assert written["tasks"] == ["view", "buy"] and sum(written["rows"].values()) == 240
    assert len(written["runs"]) == 4 and written["recipe"]["epochs"] == 1
    for row in written["table"]:
        figures = [f"{row['mean'][task]:.4f} ± {row['spread'][task]:.4f}" for task in ("view", "buy")]
        (line,) = (line for line in shown.splitlines() if line.split()[:1] == [row["architecture"]])
        assert all(figure in line for figure in figures)
    cosine = written["table"][1]["affinity"][0][1]
    assert "affinity" in shown and f"{cosine:+.3f}" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_it_goes_on_from_the_runs_that_it_has(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert main(command(shop, "--json", out)) == 0
    whole = report(out)
    half = whole | {"runs": whole["runs"][:2]}
    half["runs"][0] = half["runs"][0] | {"auc": {"view": 0.125, "buy": 0.25}}  # so that one can tell
    out.write_text(json.dumps(half))

    assert main(command(shop, "--json", out)) == 0

    assert report(out)["runs"] == half["runs"] + whole["runs"][2:]


def test_a_narrower_call_keeps_what_a_wider_one_found(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    assert main(command(shop, "--json", out)) == 0
    whole = report(out)
    capsys.readouterr()

    assert main(command(shop, "--json", out, "--architectures", "soft")) == 0

    assert report(out)["runs"][:4] == whole["runs"]
    assert "mmoe" not in capsys.readouterr().out


def test_it_does_not_go_on_from_another_comparison(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    assert main(command(shop, "--json", out)) == 0
    before = out.read_text()

    assert main(command(shop, "--json", out, "--epochs", 2)) == 2
    assert "figures of another comparison" in capsys.readouterr().err
    assert out.read_text() == before


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}"])
def test_it_does_not_write_over_a_file_that_is_none_of_its_own(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    out = tmp_path / "figures.json"
    out.write_text(text)

    assert main(command(shop, "--json", out)) == 2
    assert "is not a report of this command" in capsys.readouterr().err
    assert out.read_text() == text


def test_the_plot_is_a_picture(shop: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    out = tmp_path / "figures.svg"

    assert main(command(shop, "--plot", out)) == 0
    assert "</svg>" in out.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no file"),
        ("x,view,buy\n1,0,2\n", "label 'buy' must be 0 or 1; got '2'"),
        ("x,view\n1,0\n", "no column buy; there are x, view"),
    ],
)
def test_a_file_it_cannot_use_is_named_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, said: str
) -> None:
    path = tmp_path / "rows.csv"
    if text:
        path.write_text(text)

    assert main(command(path)) == 2
    error = capsys.readouterr().err
    assert said in error and str(path) in error


@pytest.mark.parametrize("arguments", [["--data", "csv"], ["--data", "census", "--labels", "income,marital"]])
def test_labels_are_said_of_csv_and_of_csv_alone(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["evaluate-mtl", str(shop), *arguments]) == 2
    assert "--labels A,B goes with --data csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--architectures", "mmoe,tree"], "no tree; there are single, shared-bottom"),
        (["--balancing", "luck"], "no luck; there are fixed, uncertainty"),
        (["--schedule", "never"], "joint"),
        (["--seeds", "0"], "must be 1 or more; got 0"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit):
        main([*command(shop), *arguments])
    assert said in capsys.readouterr().err


def test_without_torch_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['torch'] = None; from freshet.cli import main; main(['evaluate-mtl', '-h'])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.returncode == 1
    assert "pip install 'freshet[refresh]'" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(not CENSUS.exists(), reason=f"the sample is not at {CENSUS}")
def test_census_income_as_it_is_published(tmp_path: Path) -> None:
    """The first 9,000 people, plain; what the whole file gives stands in docs/multitask.md."""
    with gzip.open(CENSUS, "rt") as file:
        (tmp_path / "census").write_text("".join(itertools.islice(file, 9_000)))
    out = tmp_path / "figures.json"
    asked = ["--architectures", "shared-bottom", "--balancing", "fixed", "--seeds", "1", "--json", str(out)]

    assert main(["evaluate-mtl", "--data", "census", str(tmp_path / "census"), *asked]) == 0

    for row in report(out)["table"]:
        assert row["mean"]["income"] > 0.9 and row["mean"]["marital"] > 0.94
