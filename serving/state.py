"""Which model serves, as the worker left it in Redis."""

from typing import NamedTuple

from redis.asyncio import Redis

from freshet.contract import blobs
from freshet.contract.heads_state import unpack_heads
from freshet.contract.keys import Keys
from freshet.contract.torn import Salvage
from serving.kept import Kept
from serving.refill import Refill

NO_ENCODER = "none"  # the version that the worker names before the first refresh
KEEP_S = 1.0  # the worker writes the heads once a second


class ServedModel(NamedTuple):
    """encoder: the live version. heads: as Heads.dump wrote them; None before anything was learned."""

    encoder: str
    heads: bytes | None


def served_model(
    redis: Redis, keys: Keys, salvage: Salvage, refill: Refill | None = None
) -> Kept[ServedModel]:
    """The live model, read at most once in KEEP_S."""

    async def read(_: str) -> ServedModel:
        live = await blobs.get_field(redis, keys.model(), "live")
        encoder = live.decode(errors="replace") if live else NO_ENCODER
        data = await blobs.get(redis, keys.heads(encoder))
        stored = salvage.read("heads", encoder, lambda: unpack_heads(data))
        return ServedModel(encoder, stored[0] if stored else None)

    return Kept(read, keep_s=KEEP_S, most=1, refill=refill)
