"""Examples of a small world, by their number alone."""

from encoder.taste_world import World

from online_model.example import Example


def examples(count: int) -> list[Example]:
    """The first so many that the world of tastes makes; one an event."""
    return World().live(count)
