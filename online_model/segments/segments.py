"""Online k-means of shoppers' interests, and what trends in each segment.

An interest v joins the centre c with the largest c · v, and draws it along:  c ← c + η (v − c),  η = max(1/n, RATE),
n the interests that joined so far (MacQueen, 1967; the floor forgets, as tastes drift). The first SEGMENTS interests
that are far from all centres become centres.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from online_model.decay import NEVER, heated
from online_model.segments.interest import DIM

VERSION = 1
SEGMENTS = 32
RATE = 0.005
FAR = 0.5  # cosine below which an interest is unlike a centre
LISTED, MOST = 100, 150  # items kept of a segment, and held before the coldest go
HALF_LIFE_MS = 86_400_000.0  # as trends inside a category (settings.warm_half_life_ms)


class Segment(msgspec.Struct, array_like=True):
    """centre: float32[DIM]. joined: interests that did. heats: item → heat, a logarithm (decay.py)."""

    centre: bytes
    joined: int
    heats: dict[str, float]


_encoder = msgspec.msgpack.Encoder(order="sorted")
_decoder = msgspec.msgpack.Decoder(Segment)


class Segments:
    """dirty: segments that changed since `take_dirty`. A fold of the calls of `learn`."""

    def __init__(self) -> None:
        self._centres = np.zeros((SEGMENTS, DIM), np.float32)
        self._joined = [0] * SEGMENTS
        self._heats: list[dict[str, float]] = [{} for _ in range(SEGMENTS)]
        self._used = 0
        self._dirty: set[int] = set()

    def __len__(self) -> int:
        return self._used

    def segment_of(self, interest: NDArray[np.float32]) -> int:
        """The nearest one; −1 when there is none yet."""
        return int((self._centres[: self._used] @ interest).argmax()) if self._used else -1

    def learn(self, interest: NDArray[np.float32], item: str, ts_ms: int) -> int:
        """A shopper of this interest (as it was before) dealt with the item; the segment."""
        nearness = self._centres[: self._used] @ interest
        if self._used < SEGMENTS and (not self._used or nearness.max() < FAR):
            at = self._used
            self._used += 1
            self._centres[at], self._joined[at] = interest, 1
        else:
            at = int(nearness.argmax())
            self._joined[at] += 1
            step = np.float32(max(1 / self._joined[at], RATE))
            self._centres[at] += step * (interest - self._centres[at])
            self._centres[at] /= np.linalg.norm(self._centres[at])
        self._heat(at, item, ts_ms)
        self._dirty.add(at)
        return at

    def _heat(self, segment: int, item: str, ts_ms: int) -> None:
        heats = self._heats[segment]
        heats[item] = heated(heats.get(item, NEVER), ts_ms, HALF_LIFE_MS)
        if len(heats) > MOST:
            self._heats[segment] = dict(_hottest(heats, LISTED))

    def top(self, segment: int, k: int = LISTED) -> list[tuple[str, float]]:
        """(item, heat) of the hottest k, hottest first."""
        return _hottest(self._heats[segment], k)

    def take_dirty(self) -> set[int]:
        """Segments that changed since the last call."""
        dirty, self._dirty = self._dirty, set()
        return dirty

    def dump(self, segment: int) -> bytes:
        """One segment: about 4 KB."""
        centre = self._centres[segment].astype("<f4").tobytes()
        return bytes([VERSION]) + _encoder.encode(
            Segment(centre, self._joined[segment], self._heats[segment])
        )

    @classmethod
    def load(cls, dumps: dict[int, bytes]) -> Segments:
        """From the dumps of 0, 1, 2 …; one that cannot be read, and what is after it, is as if not there."""
        self = cls()
        for segment in range(SEGMENTS):
            data = dumps.get(segment)
            if not data or data[0] != VERSION:
                break
            try:
                told = _decoder.decode(memoryview(data)[1:])
            except (msgspec.DecodeError, UnicodeDecodeError):
                break
            if len(told.centre) != 4 * DIM:
                break
            self._centres[segment] = np.frombuffer(told.centre, "<f4")
            self._joined[segment], self._heats[segment] = told.joined, told.heats
            self._used = segment + 1
        return self


def _hottest(heats: dict[str, float], k: int) -> list[tuple[str, float]]:
    return sorted(heats.items(), key=lambda entry: (-entry[1], entry[0]))[:k]
