"""The mark on Taobao's first 84,440 events: the core ranks the second half as well as the project promises."""

import json
from pathlib import Path

import pytest

from freshet.cli import main

SAMPLE = Path(__file__).parents[3] / "shared/data/taobao_userbehavior_head/UserBehavior_head.csv.gz"


@pytest.mark.skipif(not SAMPLE.exists(), reason=f"the sample is not at {SAMPLE}")
def test_clicks_of_the_second_half_are_ranked_by_the_mark(tmp_path: Path) -> None:
    """An online linear head over the same candidates gave .225 and .114; the best hand blend .218 and .107."""
    out = tmp_path / "figures.json"

    assert main(["evaluate", "--format", "taobao", str(SAMPLE), "--json", str(out)]) == 0

    report = json.loads(out.read_text())
    clicks = report["tasks"]["click"]
    assert (report["events"], clicks["n"]) == (84_440, 37_896)
    assert clicks["recall@20"] >= 0.225 and clicks["mrr@20"] >= 0.114, clicks
    assert 0.9 < clicks["calibration"] < 1.1, clicks
    assert all(
        clicks["recall@20"] > baseline["click"]["recall@20"] for baseline in report["baselines"].values()
    )
