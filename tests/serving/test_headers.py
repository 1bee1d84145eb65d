"""What every answer tells browsers, and that pages of other origins may not ask by default."""

from typing import Any

import pytest

TARGETS = ["/healthz", "/", "/docs", "/v1/trending", "/v1/users/h-1/recommendations", "/nowhere"]


@pytest.mark.parametrize("target", TARGETS)
def test_no_answer_is_guessed_at_or_kept(api: Any, target: str) -> None:
    told = api.ask(target).headers

    assert told["x-content-type-options"] == "nosniff"
    assert told["cache-control"] == "no-store"
    assert told["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_no_site_lays_a_page_under_its_own(api: Any, page: str) -> None:
    assert "frame-ancestors 'none'" in api.ask(page).headers["content-security-policy"]


def test_no_page_of_another_origin_may_ask_by_default(api: Any) -> None:
    told = api.ask("/healthz", headers={"Origin": "https://shop.example"}).headers

    assert not any(name.startswith("access-control") for name in told)
    assert api.ask("/healthz", "OPTIONS", headers={"Origin": "https://shop.example"}).status == 405
