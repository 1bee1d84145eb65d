"""What a shop's events teach about demand in general; with an item's levels it forecasts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from online_model.demand.effects import NEWEST_MS, empty_shop, learn
from online_model.demand.forecast import Forecast, forecast
from online_model.demand.levels import KINDS, UNITS_MOST

VERSION = 1


class ShopDemand:
    """`learn` each event before its item's levels take it in. What it has learned is a fold of these calls."""

    def __init__(self) -> None:
        self._shop = empty_shop()

    @property
    def newest_ms(self) -> int:
        """Time of the newest event; 0 before the first."""
        return int(self._shop.clock[NEWEST_MS])

    def learn(self, levels: NDArray[np.float64], known: bool, kind: int, units: float, ts_ms: int) -> None:
        """One event of an item, whose levels (levels.py) are from before it. known: it had events already."""
        if kind < KINDS and units > 0:
            learn(self._shop, levels, known, kind, min(units, UNITS_MOST), ts_ms)

    def forecast(self, levels: NDArray[np.float64], kind: int, born_ms: int, window_ms: int) -> Forecast:
        """Units of an item in the window after the newest event. born_ms: its first event, newest_ms for none."""
        return forecast(self._shop, levels, kind, born_ms, self.newest_ms, window_ms)

    def dump(self) -> bytes:
        """Version byte, and every float as it is: 4.4 KB."""
        return bytes([VERSION]) + b"".join(part.astype("<f8").tobytes() for part in self._shop)

    @classmethod
    def load(cls, data: bytes | None) -> ShopDemand:
        """What `dump` wrote; empty where there is nothing. ValueError for another version, or another length."""
        self = cls()
        if data is None:
            return self
        wanted = 1 + 8 * sum(part.size for part in self._shop)
        if data[:1] != bytes([VERSION]) or len(data) != wanted:
            raise ValueError(
                f"demand of {len(data):,} bytes, version {data[:1].hex() or 'none'}; wanted {wanted:,} bytes, "
                f"version {VERSION}"
            )
        at = 1
        for part in self._shop:
            part[...] = np.frombuffer(data, "<f8", part.size, at).reshape(part.shape)
            at += 8 * part.size
        return self
