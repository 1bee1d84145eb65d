"""Options of `freshet evaluate`: a run that was killed goes on, a figure is drawn, seeds are averaged."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from freshet.cli import main

STARTED_S = 240  # the first run on a machine compiles


def figures(tmp_path, *arguments):
    out = tmp_path / "figures.json"
    assert main(["evaluate", *map(str, arguments), "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    return {name: figure for name, figure in report.items() if name != "seconds"}


@pytest.fixture
def log(tmp_path):
    """Sixty shoppers' rounds over four items each, a minute apart."""
    kinds = ["pv"] * 9 + ["buy"]
    lines = [
        f"u{shopper},i{shopper}.{turn % 4},c,{kind},{1_500_000_000 + 60 * (60 * turn + shopper)}"
        for turn, kind in enumerate(kinds)
        for shopper in range(60)
    ]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.timeout(600)
def test_a_run_that_was_killed_goes_on_to_the_same_figures(tmp_path):
    kept = tmp_path / "kept"
    arguments = ["--simulate", "8000", "--checkpoint", str(kept), "--checkpoint-every", "500"]
    process = subprocess.Popen(
        [sys.executable, "-m", "freshet.cli", "evaluate", *arguments], stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + STARTED_S
        while not list(kept.glob("*.evaluation")):
            assert process.poll() is None and time.monotonic() < deadline, "nothing was kept"
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    (left,) = kept.glob("*.evaluation")
    before = left.read_bytes()

    went_on = figures(tmp_path, *arguments)

    assert went_on == figures(tmp_path, "--simulate", "8000")
    assert left.read_bytes() != before, "it did not go on keeping its state"


def test_another_evaluation_starts_from_nothing_beside_it(tmp_path, log):
    kept = tmp_path / "kept"
    arguments = ["--format", "taobao", log, "--checkpoint", kept, "--checkpoint-every", 100]
    figures(tmp_path, *arguments)

    other = figures(tmp_path, *arguments, "--k", 5)

    assert other == figures(tmp_path, "--format", "taobao", log, "--k", 5)
    assert len(list(kept.glob("*.evaluation"))) == 2


def test_a_broken_checkpoint_is_said_by_name(tmp_path, log, capsys):
    kept = tmp_path / "kept"
    arguments = [
        "evaluate",
        "--format",
        "taobao",
        str(log),
        "--checkpoint",
        str(kept),
        "--checkpoint-every",
        "1000",
    ]
    assert main([*arguments[:-1], "100"]) == 0
    (left,) = kept.glob("*.evaluation")
    left.write_bytes(b"\x81")

    assert main(arguments) == 2

    assert f"{left} is no checkpoint" in capsys.readouterr().err


def test_a_figure_is_drawn(tmp_path, log):
    figures(tmp_path, "--format", "taobao", log, "--plot", tmp_path / "out.png")

    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "out.png").stat().st_size > 20_000


def test_seeds_are_averaged(tmp_path, log, capsys):
    one, other = (
        figures(tmp_path, "--format", "taobao", log, "--set", f"model.seed={seed}") for seed in (7, 8)
    )
    both = figures(tmp_path, "--format", "taobao", log, "--seeds", 2)

    losses = [report["tasks"]["click"]["logloss"] for report in (one, other)]
    assert losses[0] != losses[1]
    assert both["tasks"]["click"]["logloss"] == pytest.approx(sum(losses) / 2, abs=1e-6)
    assert both["spread"]["tasks"]["click"]["logloss"] == pytest.approx(
        abs(losses[0] - losses[1]) / 2**0.5, abs=1e-5
    )
    assert both["baselines"] == one["baselines"] and both["seeds"] == 2
    assert "± of seeds" in capsys.readouterr().out


def test_lateness_costs_and_is_said(tmp_path, log, capsys):
    on_time = figures(tmp_path, "--format", "taobao", log)
    late = figures(tmp_path, "--format", "taobao", log, "--late", "1d")

    assert late["late_s"] == 86_400
    assert late["tasks"]["click"]["recall@20"] < on_time["tasks"]["click"]["recall@20"] / 2
    assert "every event 86400 s late" in capsys.readouterr().out


def test_segments_and_odds_are_printed(tmp_path, log, capsys):
    figures(tmp_path, "--format", "taobao", log)

    shown = capsys.readouterr().out
    assert "known users" in shown and "normalized entropy" in shown
    assert max(len(line) for line in shown.splitlines()[:-1]) <= 80


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seeds", "0"], "--seeds must be 1 or more; got 0"),
        (["--checkpoint-every", "0"], "--checkpoint-every must be 1 or more; got 0"),
    ],
)
def test_wrong_numbers_are_said(arguments, said, capsys):
    assert main(["evaluate", "--simulate", "5", *arguments]) == 2

    assert said in capsys.readouterr().err


def test_a_time_that_is_none_is_said(capsys):
    with pytest.raises(SystemExit):
        main(["evaluate", "--simulate", "5", "--late", "soon"])

    assert "is a time such as 60s, 10m, 1h or 1d; got soon" in capsys.readouterr().err
