"""What is to be written, in Redis' own words: the command, its key, and the rest."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from freshet.contract.keys import tag_of

Command = Sequence[str | bytes | int]


class Step(NamedTuple):
    """One transaction. watched: watermarks that must be as they were left. moved: their new values, of some."""

    watched: list[str]
    moved: dict[str, bytes]
    commands: list[Command]


def set_many(values: Mapping[str, bytes]) -> list[Command]:
    """One MSET for each tag."""
    tags: dict[str, list[str | bytes]] = {}
    for key, value in values.items():
        tags.setdefault(tag_of(key), []).extend((key, value))
    return [("MSET", *words) for words in tags.values()]


def set_fields(key: str, fields: Mapping[str, str | bytes]) -> Command:
    """HSET of a hash."""
    return ("HSET", key, *chain.from_iterable(fields.items()))


def by_tag(whole: Step) -> list[Step]:
    """The parts that lie together on a cluster, each a step of its own."""
    steps: dict[str, Step] = {}

    def part(key: str) -> Step:
        return steps.setdefault(tag_of(key), Step([], {}, []))

    for key in whole.watched:
        part(key).watched.append(key)
    for key, value in whole.moved.items():
        part(key).moved[key] = value
    for command in whole.commands:
        part(str(command[1])).commands.append(command)
    return list(steps.values())
