"""What a number of users and items takes in Redis, in Kafka and in memory."""

from freshet.sizing.lines import Asked, Line, lines

__all__ = ["Asked", "Line", "lines"]
