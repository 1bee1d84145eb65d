"""Our own JSON lines, in order of time: {"topic": "clicks", "value": {…}}. They keep fields that nobody knows."""

from collections.abc import Iterator

import msgspec

from freshet.contract.events import SCHEMAS, decode
from freshet.datasets.bad_lines import BadLines
from freshet.datasets.record import Line, Maker
from freshet.datasets.table import Numbered


class Envelope(msgspec.Struct):
    topic: str
    value: msgspec.Raw


_decoder = msgspec.json.Decoder(Envelope)


def read(maker: Maker, lines: Numbered, bad: BadLines) -> Iterator[Line]:
    """Each line's message, decoded as a worker would."""
    for number, line in lines:
        try:
            envelope = _decoder.decode(line)
            if envelope.topic not in SCHEMAS:
                raise ValueError(f"topic is one of {', '.join(SCHEMAS)}; got {envelope.topic!r}")
            raw = bytes(envelope.value)
            event = decode(envelope.topic, raw, now_ms=maker.now_ms)
        except (ValueError, RecursionError) as error:  # BadEvent and msgspec's are ValueErrors
            bad.skip(number, line, error)
        else:
            yield Line(envelope.topic, event, raw=raw)
