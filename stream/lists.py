"""A shopper's list as the lookup API reads it: a function of profile, item table and model."""

from freshet.contract.published import Published, pack
from online_model.candidates import SOURCES
from online_model.floor import are_new
from online_model.ranking import Ranking
from stream.serving_model import ServingModel

_SOURCE = {name: place for place, name in enumerate(SOURCES)}


def pack_list(model: ServingModel, ranking: Ranking, event_ts: int, computed_ts: int) -> bytes:
    """event_ts: of the newest event, as of which the list is. computed_ts: now. Both in milliseconds."""
    settings, new = model.core.settings, b""
    if settings.new_floor:
        first_ts = model.core.items.stats["first_ts"][ranking.places]
        new = are_new(first_ts, event_ts, settings.new_days).tobytes()
    causes = sorted(set(ranking.cause) - {""})
    place = {cause: index + 1 for index, cause in enumerate(causes[:255])}
    return pack(
        Published(
            event_ts=event_ts,
            computed_ts=computed_ts,
            encoder=model.version,
            learned=model.core.heads.learned,
            items=ranking.items,
            p=ranking.p.astype("<f2").tobytes(),
            sources=bytes(map(_SOURCE.__getitem__, ranking.source)),
            causes=causes[:255],
            cause=bytes(place.get(cause, 0) for cause in ranking.cause),
            new=new,
        )
    )
