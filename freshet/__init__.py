"""Freshet: a recommender that learns while it serves. `freshet.Producer` sends it a shop's events."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from freshet.producer import Producer

__all__ = ["Producer"]


def __getattr__(name: str) -> Any:
    if name == "Producer":  # only when asked for: the lookup API never loads a Kafka client for it
        from freshet.producer import Producer

        return Producer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
