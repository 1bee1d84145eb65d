"""The lookup API, and a shop with a worker, for tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lookups import Api
from shop import Shop

from freshet.local import LocalStack


@pytest.fixture(scope="session")
def make_api() -> type[Api]:
    return Api


@pytest.fixture
def shop(stack: LocalStack, redis_url: str, fresh_prefix: str, tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(stack, redis_url, fresh_prefix, tmp_path)
    yield shop
    shop.close()
