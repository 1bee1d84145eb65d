"""A shopper's list as the lookup API reads it: a function of profile, item table and model."""

from freshet.contract.published import Published, pack
from online_model.candidates import SOURCES
from online_model.profile import Profile
from stream.serving_model import ServingModel

_SOURCE = {name: place for place, name in enumerate(SOURCES)}


def pack_list(model: ServingModel, profile: Profile, computed_ts: int, k: int) -> bytes:
    """The best k items as of the profile's newest event. computed_ts: milliseconds, now."""
    ranking = model.core.rank(profile, profile.newest_ts, k)
    causes = sorted(set(ranking.cause) - {""})
    place = {cause: index + 1 for index, cause in enumerate(causes[:255])}
    return pack(
        Published(
            event_ts=profile.newest_ts,
            computed_ts=computed_ts,
            encoder=model.version,
            learned=model.core.heads.learned,
            items=ranking.items,
            p=ranking.p.astype("<f2").tobytes(),
            sources=bytes(map(_SOURCE.__getitem__, ranking.source)),
            causes=causes[:255],
            cause=bytes(place.get(cause, 0) for cause in ranking.cause),
        )
    )
