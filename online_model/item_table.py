"""Everything known about items, shared by all shoppers of a process, as growable arrays indexed by item."""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.actions import Description, Step
from online_model.co_visits import NEIGHBOUR, advance, pair_weight, slot_for
from online_model.decay import NEVER, heated
from online_model.settings import ModelSettings
from online_model.top_list import raise_item
from online_model.vocabulary import Vocabulary

STATS = np.dtype(
    [
        ("category", np.int32),  # index into ItemTable.categories; -1: unknown
        ("available", np.int32),
        ("price", np.float32),  # NaN: unknown
        ("neighbours", np.int32),  # used places of the row
        ("clicks", np.int32),
        ("carts", np.int32),
        ("purchases", np.int32),
        ("ratings", np.int32),
        ("again", np.int32),  # events by a shopper who had the item in the history already
        ("first_ts", np.int64),  # 0: never
        ("last_ts", np.int64),
        ("row_ts", np.int64),  # the time the row's weights are as of
    ],
    align=True,
)
WARM, HOT = 0, 1  # rows of ItemTable.heat: half-lives of a day (inside a category) and of 6 hours (over all)
ROW_VERSION = 1
_ROW_HEAD = np.dtype(
    [
        ("version", "u1"),
        ("clicks", "<i4"),
        ("carts", "<i4"),
        ("purchases", "<i4"),
        ("ratings", "<i4"),
        ("again", "<i4"),
        ("first_ts", "<i8"),
        ("last_ts", "<i8"),
        ("row_ts", "<i8"),
        ("warm", "<f8"),
        ("hot", "<f8"),
        ("neighbours", "<u2"),
    ]
)
_COPIED = ("clicks", "carts", "purchases", "ratings", "again", "first_ts", "last_ts", "row_ts", "neighbours")


@njit(cache=True, nogil=True)
def _absorb(
    stats: NDArray[np.void],
    rows: NDArray[np.void],
    heat: NDArray[np.float64],
    owned: NDArray[np.bool_],
    everything: bool,
    item: int,
    kind: int,
    ts: int,
    again: bool,
    previous: NDArray[np.int64],  # (n, 2): item, ts
    half_lives: tuple[float, float, float],
) -> None:
    """Fold one step into the item's own numbers and row, and into the rows of what came before it."""
    if everything or owned[item]:
        it = stats[item]
        if kind == 0:
            it.clicks += 1
        elif kind == 1:
            it.carts += 1
        elif kind == 2:
            it.purchases += 1
        else:
            it.ratings += 1
        if again:
            it.again += 1
        if it.first_ts == 0 or ts < it.first_ts:
            it.first_ts = ts
        it.last_ts = max(it.last_ts, ts)
        heat[WARM, item] = heated(heat[WARM, item], ts, half_lives[1])
        heat[HOT, item] = heated(heat[HOT, item], ts, half_lives[2])
        if len(previous) > 0:
            unit = advance(rows[item], it.neighbours, it.row_ts, ts, half_lives[0])
            it.row_ts = max(it.row_ts, ts)
            for p in range(len(previous)):
                at = slot_for(rows[item], it.neighbours, previous[p, 0])
                it.neighbours = max(it.neighbours, at + 1)
                rows[item, at].backward += np.float32(unit * pair_weight(p + 1, ts - previous[p, 1]))
    for p in range(len(previous)):
        other = previous[p, 0]
        if everything or owned[other]:
            was = stats[other]
            unit = advance(rows[other], was.neighbours, was.row_ts, ts, half_lives[0])
            was.row_ts = max(was.row_ts, ts)
            at = slot_for(rows[other], was.neighbours, item)
            was.neighbours = max(was.neighbours, at + 1)
            rows[other, at].forward += np.float32(unit * pair_weight(p + 1, ts - previous[p, 1]))
            if p == 0:
                rows[other, at].next += np.float32(unit)


class ItemTable:
    """Catalogue, counts, co-visits and top lists. One writer at a time.

    stats: STATS[capacity]. rows: NEIGHBOUR[capacity, settings.neighbours]. heat: float64[2, capacity], forward-decayed
    (decay.py). top: int32[categories, per category] and hottest: int32[trending] are exact top lists of available
    items. Local indices change only in `evict`, which raises `generation`.
    """

    def __init__(self, settings: ModelSettings, capacity: int = 1024) -> None:
        self.settings = settings
        self.vocabulary = Vocabulary(capacity)
        self.categories = Vocabulary(64)
        self.stats: NDArray[np.void] = np.zeros(0, STATS)
        self.rows: NDArray[np.void] = np.zeros((0, settings.neighbours), NEIGHBOUR)
        self.heat: NDArray[np.float64] = np.zeros((2, 0))
        self.top: NDArray[np.int32] = np.zeros((64, settings.per_category), np.int32)
        self.top_size: NDArray[np.int32] = np.zeros(64, np.int32)
        self.hottest: NDArray[np.int32] = np.zeros(settings.trending, np.int32)
        self.hottest_size: NDArray[np.int32] = np.zeros(1, np.int32)
        self.dirty: set[int] = set()
        self._half_lives = (
            float(settings.covisit_half_life_ms),
            float(settings.warm_half_life_ms),
            float(settings.hot_half_life_ms),
        )
        self.fit()

    def __len__(self) -> int:
        return len(self.vocabulary)

    @property
    def generation(self) -> int:
        """Rises when local indices changed."""
        return self.vocabulary.generation

    @property
    def keys(self) -> NDArray[np.uint64]:
        """Stable key of each item."""
        return self.vocabulary.keys

    def fit(self) -> None:
        """Grow the arrays to hold every name of the vocabulary (names are also added by loading profiles)."""
        old, new = len(self.stats), len(self.vocabulary.keys)
        if new > old:
            stats = np.zeros(new - old, STATS)
            stats["category"], stats["available"], stats["price"] = -1, 1, np.nan
            self.stats = np.concatenate([self.stats, stats])
            self.rows = np.concatenate([self.rows, np.zeros((new - old, self.rows.shape[1]), NEIGHBOUR)])
            self.heat = np.concatenate([self.heat, np.full((2, new - old), NEVER)], axis=1)
        if len(self.categories.keys) > len(self.top):
            more = len(self.categories.keys) - len(self.top)
            self.top = np.concatenate([self.top, np.zeros((more, self.top.shape[1]), np.int32)])
            self.top_size = np.concatenate([self.top_size, np.zeros(more, np.int32)])

    def add(self, item: str) -> int:
        """The item's index, with room for it in every array."""
        index = self.vocabulary.add(item)
        if index >= len(self.stats):
            self.fit()
        return index

    def describe(
        self, item: str, category: str | None = None, price: float | None = None, *, available: bool = True
    ) -> int:
        """Take what the catalogue says of an item; its index."""
        index = self.add(item)
        stats = self.stats[index]
        stats["price"] = np.nan if price is None else price
        was, was_available = int(stats["category"]), bool(stats["available"])
        now = -1 if category is None else self.categories.add(category)
        if (now, available) != (was, was_available):
            self.fit()
            stats["category"], stats["available"] = now, available
            if self.heat[WARM, index] > NEVER:  # an item nobody touched is in no list
                self._relist(was)
                self._relist(now)
                if available != was_available:
                    self._relist_hottest()
        return index

    def describe_from(self, description: Description) -> int:
        """The same from a message."""
        return self.describe(
            description.item, description.category, description.price, available=description.available
        )

    def absorb(self, step: Step, owned: NDArray[np.bool_] | None = None) -> None:
        """Fold one action into the item and its neighbours' rows; with `owned` (bool by item index), only into
        the rows of those items, so that several processes each keep a part of the items.
        """
        item = self.add(step.item)
        previous = np.array([(self.add(name), ts) for name, ts in step.previous], np.int64).reshape(-1, 2)
        if owned is not None and len(owned) < len(self.stats):
            raise ValueError(f"owned must cover {len(self.stats)} items (ItemTable.stats), got {len(owned)}")
        everything = owned is None
        _absorb(
            self.stats,
            self.rows,
            self.heat,
            _NOTHING if owned is None else owned,
            everything,
            item,
            int(step.kind),
            step.ts,
            step.again,
            previous,
            self._half_lives,
        )
        if everything or owned[item]:  # type: ignore[index]
            self._raise(item)
            self.dirty.add(item)
        self.dirty.update(other for other, _ in previous.tolist() if everything or owned[other])  # type: ignore[index]

    def take_dirty(self) -> set[int]:
        """Items whose rows changed since the last call."""
        dirty, self.dirty = self.dirty, set()
        return dirty

    def dump_row(self, item: int) -> bytes:
        """All that was learned about one item, free of local indices: head, names' lengths, names, weights."""
        stats = self.stats[item]
        row = self.rows[item, : stats["neighbours"]]
        head = np.zeros((), _ROW_HEAD)
        head["version"] = ROW_VERSION
        for name in _COPIED:
            head[name] = stats[name]
        head["warm"], head["hot"] = self.heat[:, item]
        names = [self.vocabulary.encoded[i] for i in row["item"].tolist()]
        weights = np.stack([row["forward"], row["backward"], row["next"]]).astype("<f4")
        lengths = np.array([len(name) for name in names], "<u2")
        return head.tobytes() + lengths.tobytes() + weights.tobytes() + b"".join(names)

    def load_row(self, item: str, data: bytes) -> int:
        """Take over a row dumped elsewhere, replacing what is held; the item's index."""
        if data[0] != ROW_VERSION:
            raise ValueError(f"item row has version {data[0]}, wanted {ROW_VERSION}: rebuild the item rows")
        head = np.frombuffer(data, _ROW_HEAD, 1)[0]
        n, at = int(head["neighbours"]), _ROW_HEAD.itemsize
        lengths = np.frombuffer(data, "<u2", n, at).tolist()
        weights = np.frombuffer(data, "<f4", 3 * n, at + 2 * n).reshape(3, n)
        at += 14 * n
        others = []
        for length in lengths:
            others.append(self.vocabulary.add(data[at : at + length].decode()))
            at += length
        index = self.add(item)
        self.fit()
        stats, row = self.stats[index], self.rows[index]
        n = min(n, len(row))
        for name in _COPIED:
            stats[name] = head[name]
        stats["neighbours"] = n
        row["item"][:n] = others[:n]
        row["forward"][:n], row["backward"][:n], row["next"][:n] = weights[:, :n]
        fell = head["warm"] < self.heat[WARM, index] or head["hot"] < self.heat[HOT, index]
        self.heat[:, index] = head["warm"], head["hot"]
        if fell:  # only a replay from an older state does this
            self._relist(int(stats["category"]))
            self._relist_hottest()
        else:
            self._raise(index)
        return index

    @property
    def full(self) -> bool:
        """Whether `evict` is due; the holder calls it between batches, when it holds no profile."""
        return len(self.vocabulary) >= self.settings.max_items

    def evict(self) -> None:
        """Forget the coldest quarter and renumber the rest. Dirty rows must be saved, profiles dumped before."""
        n = len(self.vocabulary)
        heat, keys = self.heat[WARM, :n], self.keys[:n]
        kept = np.sort(np.lexsort((keys, -heat))[: n * 3 // 4])
        place = np.full(n, -1, np.int32)
        place[kept] = np.arange(len(kept))
        self.vocabulary.keep(kept.tolist())
        stats, rows, warmth = self.stats[kept], self.rows[kept], self.heat[:, kept]
        for i in range(len(kept)):
            row = rows[i, : stats["neighbours"][i]]
            row["item"] = place[row["item"]]
            alive = row[row["item"] >= 0]
            rows[i, : len(alive)] = alive
            stats["neighbours"][i] = len(alive)
        used = sorted({int(c) for c in stats["category"]} - {-1})
        self.categories.keep(used)
        renamed = {-1: -1} | {old: new for new, old in enumerate(used)}
        stats["category"] = [renamed[int(c)] for c in stats["category"]]
        self.stats, self.rows, self.heat = np.zeros(0, STATS), rows[:0], np.zeros((2, 0))
        self.fit()
        m = len(kept)
        self.stats[:m], self.rows[:m], self.heat[:, :m] = stats, rows, warmth
        self.dirty.clear()
        for category in range(len(used)):
            self._relist(category)
        self._relist_hottest()

    def _raise(self, item: int) -> None:
        stats = self.stats[item]
        if not stats["available"] or self.heat[WARM, item] <= NEVER:
            return
        category = stats["category"]
        if category >= 0:
            size = self.top_size[category]
            self.top_size[category] = raise_item(self.top[category], size, item, self.heat[WARM], self.keys)
        self.hottest_size[0] = raise_item(self.hottest, self.hottest_size[0], item, self.heat[HOT], self.keys)

    def _relist(self, category: int) -> None:
        """Make a category's list again from all its items: for the rare changes that can cool an item."""
        if category >= 0:
            members = np.flatnonzero(self.stats["category"] == category)
            best = self._best(members, self.heat[WARM], self.top.shape[1])
            self.top[category, : len(best)], self.top_size[category] = best, len(best)

    def _relist_hottest(self) -> None:
        best = self._best(np.arange(len(self)), self.heat[HOT], len(self.hottest))
        self.hottest[: len(best)], self.hottest_size[0] = best, len(best)

    def _best(self, members: NDArray[np.int64], heat: NDArray[np.float64], k: int) -> NDArray[np.int64]:
        known = members[(self.stats["available"][members] == 1) & (heat[members] > NEVER)]
        return known[np.lexsort((self.keys[known], -heat[known]))[:k]]

    def top_names(self, category: str | None = None) -> Sequence[str]:
        """Names of the hottest items of a category, or over all, hottest first."""
        if category is None:
            best = self.hottest[: self.hottest_size[0]]
        else:
            at = self.categories.find(category)
            best = self.top[at, : self.top_size[at]] if at >= 0 else self.hottest[:0]
        return [self.vocabulary.names[i] for i in best.tolist()]


_NOTHING = np.zeros(0, np.bool_)
