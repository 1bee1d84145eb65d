"""What a deployment needs, looked at from here: each check says what it found and, if that is not right, what to do."""

from collections.abc import Iterator

from freshet.doctor.encoder import encoder
from freshet.doctor.finding import Finding, Grade
from freshet.doctor.kafka import kafka
from freshet.doctor.machine import machine
from freshet.doctor.redis import redis
from freshet.settings import Settings

__all__ = ["Finding", "Grade", "examine"]


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything, as it is found; nothing is changed anywhere."""
    for check in (machine, kafka, redis, encoder):
        yield from check(settings)
