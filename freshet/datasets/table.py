"""Tables of text: which column is which, by the header where there is one, else by place."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from freshet.datasets.bad_lines import BadLines
from freshet.datasets.record import Line, Maker

Numbered = Iterator[tuple[int, str]]
T = TypeVar("T")


class Table(NamedTuple):
    """columns: their names in lower case, in the order of files without a header; a file may have more.

    parse: called with the line's number and its fields in that order; ValueError when they make no event.
    optional: columns that may be empty or missing; they are then "".
    """

    separator: str
    columns: tuple[str, ...]
    parse: Callable[[Maker, int, Sequence[str]], Line]
    optional: frozenset[str] = frozenset()

    def fields(self, line: str) -> list[str]:
        return [field.strip().strip('"') for field in line.split(self.separator)]

    def places(self, first: str) -> list[int] | None:
        """Where the header `first` has our columns (−1: it lacks an optional one); None when it is no header.

        A name may carry a type, as RecBole's `user_id:token` does.
        """
        names = [name.split(":")[0].lower() for name in self.fields(first)]
        if not set(self.columns) - self.optional <= set(names):
            return None
        return [names.index(column) if column in names else -1 for column in self.columns]


def read_tables(
    choose: Callable[[str], Table], maker: Maker, lines: Numbered, bad: BadLines
) -> Iterator[Line]:
    """The lines' events. choose: the table for a file that begins with this line.

    A first line that names our columns, or has no digit at all, is a header.
    """
    for number, line in lines:
        table = choose(line)
        places = table.places(line)
        header = places is not None or not any(character.isdigit() for character in line)
        rows = lines if header else _chain(number, line, lines)
        yield from _read(table, places or list(range(len(table.columns))), maker, rows, bad)


def _chain(number: int, line: str, rest: Numbered) -> Numbered:
    yield number, line
    yield from rest


def _read(table: Table, places: list[int], maker: Maker, lines: Numbered, bad: BadLines) -> Iterator[Line]:
    required = [(at, name) for at, name in enumerate(table.columns) if name not in table.optional]
    for number, line in lines:
        fields = table.fields(line)
        row = [fields[place] if -1 < place < len(fields) else "" for place in places]
        try:
            for at, name in required:
                if not row[at]:
                    raise ValueError(f"no {name}; wanted {table.separator.join(table.columns)}")
            parsed = table.parse(maker, number, row)
        except ValueError as error:
            bad.skip(number, line, error)
        else:
            yield parsed


def number(name: str, text: str) -> float:
    """The finite number of a field; ValueError names the field.

    >>> number("price", "12.5")
    12.5
    """
    try:
        parsed = float(text)
    except ValueError:
        parsed = math.nan
    if not math.isfinite(parsed):
        raise ValueError(f"{name} is not a number: {text!r}")
    return parsed


def one_of(name: str, text: str, known: Mapping[str, T]) -> T:
    """What a field's word stands for; ValueError names the field and the words there are."""
    try:
        return known[text]
    except KeyError:
        raise ValueError(f"{name} is one of {', '.join(known)}; got {text!r}") from None
