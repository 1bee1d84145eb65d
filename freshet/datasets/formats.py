"""The table of names: which data sets can be read, and how their files lie."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from freshet.datasets import events, movielens, otto, rees46, retailrocket, taobao, tianchi, yoochoose
from freshet.datasets.bad_lines import BadLines
from freshet.datasets.record import Line, Maker
from freshet.datasets.table import Numbered, Table, read_tables


class Format(NamedTuple):
    """read: a file's lines to its events. ordered: the file is in order of time already.

    sessions: a user is one session, so the first event says nothing of the next (evaluation counts from the second).
    days_ms: the data set's own first instant and the one after its last, where its files are known to stray.
    """

    read: Callable[[Maker, Numbered, BadLines], Iterator[Line]]
    ordered: bool = False
    sessions: bool = False
    days_ms: tuple[int, int] | None = None


def _tables(choose: Callable[[str], Table]) -> Callable[[Maker, Numbered, BadLines], Iterator[Line]]:
    return lambda maker, lines, bad: read_tables(choose, maker, lines, bad)


def _table(table: Table) -> Callable[[Maker, Numbered, BadLines], Iterator[Line]]:
    return _tables(lambda _: table)


FORMATS = {
    "taobao": Format(_table(taobao.TABLE), days_ms=taobao.DAYS_MS),
    "retailrocket": Format(_table(retailrocket.TABLE)),
    "otto": Format(otto.read, sessions=True),
    "rees46": Format(_table(rees46.TABLE), ordered=True),
    "yoochoose": Format(_tables(yoochoose.choose), sessions=True),
    "tianchi": Format(_table(tianchi.TABLE)),
    "movielens": Format(_tables(movielens.choose)),
    "events": Format(events.read, ordered=True),
}
