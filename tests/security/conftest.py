"""The lookup API for tests of this folder."""

import pytest
from lookups import Api


@pytest.fixture(scope="session")
def make_api() -> type[Api]:
    return Api
