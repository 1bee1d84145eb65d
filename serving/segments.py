"""Which segment a shopper is of, and what trends in it: for those who have a past, but no list."""

from collections.abc import Sequence

from redis.asyncio import Redis

from freshet.contract import blobs
from freshet.contract.keys import Keys
from freshet.contract.torn import Salvage
from online_model.segments import Segments, interest
from online_model.segments.interest import NEWEST
from online_model.settings import ModelSettings
from online_model.vocabulary import Vocabulary
from serving.answers import Scored
from serving.descriptions import describe
from serving.kept import Kept
from serving.profiles import load_profile
from serving.reads import Reads
from serving.refill import Refill
from serving.trending import within

SEGMENT = "segment"
KEEP_S = 5.0  # the worker writes those that moved once a second; all are read at once: about 130 KB


def kept_segments(redis: Redis, keys: Keys, salvage: Salvage, refill: Refill) -> Kept[Segments]:
    """Read at most once in KEEP_S."""

    async def read(_: str) -> Segments:
        stored = await blobs.get_fields(redis, keys.segments())
        segments = Segments.load({int(field): data for field, data in stored.items()})
        if len(segments) < len(stored):
            salvage.tell("segments", f"number {len(segments)} and up", "damaged")
        return segments

    return Kept(read, keep_s=KEEP_S, most=1, refill=refill)


async def segment_of(history: Sequence[str], segments: Segments, reads: Reads, keys: Keys) -> int:
    """Of a shopper whose items these are, newest first; −1 when nothing can be said."""
    described = await describe(history[:NEWEST], reads, keys)
    direction = interest([description.category for description in described])
    return segments.segment_of(direction) if direction is not None else -1


async def trending_in_segment(
    state: bytes | None,
    segments: Segments,
    settings: ModelSettings,
    reads: Reads,
    keys: Keys,
    *,
    k: int,
    category: str,
    exclude: Sequence[str],
) -> list[Scored]:
    """The k hottest available items of the segment of the shopper with this state; their score is relative heat."""
    vocabulary = Vocabulary()
    loaded = load_profile(state, vocabulary, settings, reads.salvage)
    if loaded is None:
        return []
    profile, _ = loaded
    history = [vocabulary.names[item] for item in profile.history["item"][: profile.size].tolist()]
    segment = await segment_of(history, segments, reads, keys)
    if segment < 0:
        return []
    hidden = {vocabulary.names[item] for _, item in profile.hidden}
    left_out = hidden.union(exclude)
    top = [(item, heat) for item, heat in segments.top(segment) if item not in left_out]
    described = await describe([item for item, _ in top], reads, keys)
    kept = [
        (item, heat)
        for (item, heat), told in zip(top, described, strict=True)
        if told.available and (not category or within(told.category, category))
    ][:k]
    return [Scored(item, round(2.0 ** (heat - kept[0][1]), 6), {}, SEGMENT) for item, heat in kept]
