"""What the catalogue says of items, as far as lookups need it."""

from collections.abc import Sequence

import msgspec

from freshet.contract.keys import Keys
from freshet.contract.torn import Salvage
from serving.reads import Reads


class Description(msgspec.Struct, frozen=True):
    """The part of a catalogue message that lookups use."""

    category: str = ""
    brand: str | None = None
    available: bool = True


UNKNOWN = Description()
_decode = msgspec.json.Decoder(Description).decode


async def describe(items: Sequence[str], reads: Reads, keys: Keys) -> list[Description]:
    """One for each item, UNKNOWN where the catalogue says nothing; one read."""
    found = await reads.get_many([keys.description(item) for item in items])
    return [UNKNOWN if data is None else _read(data, reads.salvage) for data in found]


def _read(data: bytes, salvage: Salvage) -> Description:
    return salvage.read("description", "an item", lambda: _decode(data)) or UNKNOWN
