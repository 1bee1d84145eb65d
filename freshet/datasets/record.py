"""What a data set becomes: messages ready to be sent, and before that the lines they come from."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from freshet.contract.events import Item, UserEvent, check

Known = Mapping[str, tuple[str, type[UserEvent]]]
"""A file's word for what happened → topic, event."""


class Record(NamedTuple):
    """One message. event: a struct of freshet.contract.events. raw: its own JSON, where the file had it."""

    topic: str
    event: Any
    raw: bytes | None = None


class Line(NamedTuple):
    """One event of a file, and what its line says about the item besides."""

    topic: str
    event: Any
    item: Item | None = None
    raw: bytes | None = None


class Maker(NamedTuple):
    """Makes the events of one file, with ids that are the same at every reading.

    source: the format's name. offset: added to line numbers, so that a second file has ids of its own.
    now_ms: an event dated further ahead of it than the contract allows is refused.
    """

    source: str
    offset: int
    now_ms: int

    def event(self, schema: type[UserEvent], number: int | str, **fields: Any) -> Any:
        """The event of line `number` (or "number.place"), held to the contract's bounds; ValueError otherwise.

        >>> from freshet.contract.events import Click
        >>> Maker("taobao", 0, 10).event(Click, 7, user_id="u", item_id="i", ts=5).event_id
        'taobao:7'
        """
        if self.offset:
            line, dot, place = str(number).partition(".")
            number = f"{int(line) + self.offset}{dot}{place}"
        event = msgspec.convert({"event_id": f"{self.source}:{number}", **fields}, schema)
        check(event, now_ms=self.now_ms)
        return event
