"""A shop of its own for every test that runs a worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shop import Shop

from freshet.local import LocalStack


@pytest.fixture
def shop(
    request: pytest.FixtureRequest, stack: LocalStack, redis_url: str, fresh_prefix: str, tmp_path: Path
) -> Iterator[Shop]:
    """Where no event counts less for its account's others, unless a test's parameter says so: so a lost one shows."""
    more = {"model__influence_ms": "0", **getattr(request, "param", {})}
    shop = Shop(stack, redis_url, fresh_prefix, tmp_path, worker__linger_s="0.001", **more)
    yield shop
    shop.close()
