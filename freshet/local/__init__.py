"""A real Kafka broker and a real Redis on loopback, for demos, tests and development."""

from freshet.local.errors import StackError
from freshet.local.stack import LocalStack

__all__ = ["LocalStack", "StackError"]
