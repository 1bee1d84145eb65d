"""A shop of its own for every test that runs a worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import Shop

from freshet.local import LocalStack


@pytest.fixture
def shop(stack: LocalStack, redis_url: str, fresh_prefix: str, tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(stack, redis_url, fresh_prefix, tmp_path, worker__linger_s="0.001")
    yield shop
    shop.close()
