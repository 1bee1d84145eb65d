"""Servers of this folder's own: they are killed, filled and emptied here."""

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from disturbed import DisturbedShop

from freshet.local import LocalStack


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("own")) as stack:
        yield stack


@pytest.fixture
def shop(
    _left_behind: None, own_stack: LocalStack, fresh_prefix: str, tmp_path: Path
) -> Iterator[DisturbedShop]:
    own_stack.kafka.start()
    own_stack.redis.start()
    shop = DisturbedShop(
        own_stack, fresh_prefix, tmp_path, model__influence_ms="0"
    )  # no event is without an example
    shop.redis.flushall()
    yield shop
    shop.close()


@pytest.fixture(autouse=True)
def _left_behind(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """kafka-python leaves sockets to the garbage collector when a broker is gone, and its log's records hold them."""
    yield
    for phase in ("setup", "call", "teardown"):
        caplog.get_records(phase).clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
