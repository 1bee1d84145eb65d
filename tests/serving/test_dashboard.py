"""The dashboard in a real browser: it shows a shopper's list, and what a shop calls its items stays text."""

import time
from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium, seen

HOSTILE = "<img src=x onerror=document.title='owned'>"


@needs_chromium
def test_it_shows_the_list_and_ids_stay_text(api: Any, tmp_path: Path) -> None:
    items = {"<script>": [0.5, 0.25, 0.125], HOSTILE: [0.25, 0.125, 0.0625]}
    computed_ts = int(time.time() * 1000)
    api.publish("d/1", items, causes=["<b>near"], cause=bytes([1, 0]), computed_ts=computed_ts)

    html = seen(f"http://127.0.0.1:{api.port}/#d%2F1", tmp_path)

    first = (
        '<td>1</td><td>&lt;script&gt;</td><td>co_visits</td><td>&lt;b&gt;near</td><td class="p">2.000</td>'
    )
    assert first in html
    assert f"<td>2</td><td>{HOSTILE.replace('<', '&lt;').replace('>', '&gt;')}</td>" in html
    assert "<title>Freshet</title>" in html  # HOSTILE did not run
    for shown in (
        'aria-label="0.5"',
        "personal, computed at ",
        "encoder none, 7 examples learned",
        "answers a second",
    ):
        assert shown in html
    assert "<option>purchase</option>" in html


@needs_chromium
def test_without_a_shopper_it_asks_for_one(api: Any, tmp_path: Path) -> None:
    assert "enter a shopper's id" in seen(f"http://127.0.0.1:{api.port}/", tmp_path)


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_may_run_and_load_nothing_but_their_own(api: Any, path: str) -> None:
    policy = api.ask(path).headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; ")
    assert "unsafe" not in policy
