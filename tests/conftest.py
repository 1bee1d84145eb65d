"""What tests of several folders share: one real Kafka and one real Redis for the whole run."""

import itertools
import uuid
from collections.abc import Iterator

import pytest
import redis

from freshet.local import LocalStack
from freshet.local.redis import DATABASES

LONG = ("reliability", "stream", "evaluation", "security", "model")  # folders; the rest fills up beside them
_turns = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first: files are handed out in this order, so none is left for the end alone."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Both servers on free ports, started by the first test that asks, stopped after the last."""
    with LocalStack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _both_servers_run(request: pytest.FixtureRequest) -> None:
    """A test that failed while a server was down must not fail those after it."""
    if "stack" in request.fixturenames:
        stack: LocalStack = request.getfixturevalue("stack")
        stack.kafka.start()
        stack.redis.start()


@pytest.fixture
def fresh_prefix() -> str:
    """A topic prefix of this test alone."""
    return f"t{uuid.uuid4().hex[:8]}."


@pytest.fixture
def redis_url(stack: LocalStack) -> str:
    """An empty Redis database, not the ones of the tests before."""
    url = f"{stack.redis_url.removesuffix('/0')}/{next(_turns) % (DATABASES - 1) + 1}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url
