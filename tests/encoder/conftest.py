"""One world and one encoder trained in it, for all tests here."""

import pytest
from encoder.taste_world import SMALL, TASKS, World

from online_model import Example
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.refresh import refresh


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return World().live(3_000)


@pytest.fixture(scope="session")
def trained(examples: list[Example]) -> CompiledEncoder:
    return CompiledEncoder("trained", TASKS, SMALL, refresh(examples, TASKS, SMALL, None).weights)
