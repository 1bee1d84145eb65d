"""The lookup API for all tests of this folder."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lookups import Api, fill

from freshet.local import LocalStack


@pytest.fixture(scope="session")
def api(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One process for all tests that leave it as it was; each uses shoppers of its own."""
    with Api(stack, tmp_path_factory.mktemp("api")) as api:
        fill(api)
        yield api


@pytest.fixture(scope="session")
def make_api() -> type[Api]:
    """For tests that need a process of their own with other settings, or without a shop."""
    return Api


@pytest.fixture
def own_api(stack: LocalStack, tmp_path: Path) -> Iterator[Api]:
    """A process of this test alone."""
    with Api(stack, tmp_path) as api:
        fill(api)
        yield api


@pytest.fixture
def settled() -> Callable[[Any], Any]:
    """Takes what no two answers share out of one, after checking it: request_id, and a time of the answer itself."""
    seen: set[str] = set()

    def settle(answer: Any, *times: str) -> Any:
        request_id = answer.pop("request_id")
        assert request_id and request_id not in seen, f"{request_id=}"
        seen.add(request_id)
        for name in times:
            assert abs(answer.pop(name) - time.time() * 1000) < 5_000, f"{name} of {answer=}"
        return answer

    return settle
