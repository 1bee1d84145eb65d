"""The simulated shop's numbers."""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1)]


class ShopSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shop with 14,000 events a day. Equal settings give equal events, byte for byte."""

    seed: int = 7
    shoppers: Count = 2_000
    items: Annotated[int, Meta(ge=100)] = 4_000
    departments: Count = 8  # upper level of the category tree
    sections: Count = 5  # categories in each department
    brands: Count = 60
    dim: Annotated[int, Meta(ge=2, le=64)] = 12  # of the hidden tastes
    start_ms: int = 1_736_121_600_000  # Monday 6 January 2025, UTC: old enough for any clock
    visits_a_day: Annotated[float, Meta(gt=0, le=20)] = 0.8  # on average; some come ten times as often
    page: Annotated[int, Meta(ge=1, le=40)] = 10  # items shown at once
    launched_later: Share = 0.3  # of the items, over `launch_days`
    launch_days: Annotated[float, Meta(gt=0)] = 60.0
    drift: Share = 0.04  # of a taste that is new after a day
    trend_hours: Annotated[float, Meta(gt=0)] = 36.0  # how long a trend lasts


def load_shop(path: Path | None) -> ShopSettings:
    """The shop of a TOML file; the default shop without one. ValueError names what does not fit."""
    if path is None:
        return ShopSettings()
    return msgspec.convert(tomllib.loads(path.read_text()), ShopSettings)
