"""OTTO's sessions, one a line: {"session": 1, "events": [{"aid": 7, "ts": 1659304800025, "type": "clicks"}]}."""

from collections.abc import Iterator

import msgspec

from freshet.contract.events import Cart, Click, Purchase
from freshet.datasets.bad_lines import BadLines
from freshet.datasets.record import Known, Line, Maker
from freshet.datasets.table import Numbered, one_of

TYPES: Known = {"clicks": ("clicks", Click), "carts": ("carts", Cart), "orders": ("purchases", Purchase)}


class Event(msgspec.Struct):
    aid: int | str
    ts: int  # milliseconds
    type: str


class Session(msgspec.Struct):
    session: int | str
    events: list[Event]


_decoder = msgspec.json.Decoder(Session)


def read(maker: Maker, lines: Numbered, bad: BadLines) -> Iterator[Line]:
    """The events of all sessions, session after session. A session with one bad event is left out whole."""
    for number, line in lines:
        try:
            parsed = list(_events(maker, number, _decoder.decode(line)))
        except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
            bad.skip(number, line, error)
        else:
            yield from parsed


def _events(maker: Maker, number: int, session: Session) -> Iterator[Line]:
    for place, event in enumerate(session.events):
        topic, schema = one_of("type", event.type, TYPES)
        user, item = str(session.session), str(event.aid)
        yield Line(topic, maker.event(schema, f"{number}.{place}", user_id=user, item_id=item, ts=event.ts))
