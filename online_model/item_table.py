"""Everything known about items, shared by all shoppers of a process, as growable arrays indexed by item."""

import numpy as np
from numpy.typing import NDArray

from online_model.absorb import absorb, rise
from online_model.actions import Description, Step
from online_model.co_visits import NEIGHBOUR
from online_model.decay import NEVER
from online_model.item_facts import Facts, blank_facts, write_facts
from online_model.item_rows import COPIED, Row, pack_row, unpack_row
from online_model.settings import ModelSettings
from online_model.tables import HEATS, HOT, SOLD, STATS, WARM, HalfLives, Tables
from online_model.vocabulary import Vocabulary

__all__ = ["HOT", "WARM", "ItemTable"]

_ALL = np.zeros(0, np.bool_)


class ItemTable:
    """Catalogue, counts, co-visits and top lists; one writer at a time.

    tables, facts: the arrays (tables.py, item_facts.py), replaced as a whole when they grow: do not keep them.
    dirty: items whose rows changed since `take_dirty`. Local indices change only in `evict`, which raises `generation`.
    """

    tables: Tables
    facts: Facts

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings
        self.vocabulary, self.categories = Vocabulary(), Vocabulary(64)
        self.dirty: set[int] = set()
        self._half_lives = HalfLives(
            float(settings.covisit_half_life_ms),
            float(settings.warm_half_life_ms),
            float(settings.hot_half_life_ms),
        )
        self._clear()

    def __len__(self) -> int:
        return len(self.vocabulary)

    @property
    def generation(self) -> int:
        """Rises when local indices changed."""
        return self.vocabulary.generation

    @property
    def stats(self) -> NDArray[np.void]:
        """STATS[capacity]."""
        return self.tables.stats

    @property
    def heat(self) -> NDArray[np.float64]:
        """[HEATS, capacity], rows WARM, HOT and SOLD…, forward-decayed (decay.py)."""
        return self.tables.heat

    @property
    def keys(self) -> NDArray[np.uint64]:
        """Stable key of each item."""
        return self.vocabulary.keys

    def add(self, item: str) -> int:
        """The item's index, with room for it in every array."""
        index = self.vocabulary.add(item)
        if index >= len(self.tables.stats):
            self.fit()
        return index

    def describe(
        self, item: str, category: str | None = None, price: float | None = None, *, available: bool = True
    ) -> int:
        """Take what the catalogue says of an item; its index."""
        index = self.add(item)
        place = -1 if category is None else self.categories.add(category)
        self.fit()
        self._prices[index] = np.nan if price is None else price
        was = int(self._categories[index])
        if place != was or available != self._available[index]:
            self._categories[index], self._available[index] = place, available
            if self.heat[WARM, index] > NEVER:  # an item nobody touched is in no list
                self._relist_if_in(was, index)
                rise(self.tables, index)
        return index

    def describe_from(self, description: Description) -> int:
        """The same from a message, with what only the encoder reads."""
        index = self.describe(
            description.item, description.category, description.price, available=description.available
        )
        write_facts(self.facts, index, description)
        return index

    def absorb(self, step: Step, owned: NDArray[np.bool_] | None = None) -> None:
        """Fold one action into the item and its neighbours' rows; with `owned` (bool by item index), only into
        the rows of those items, so that several processes each keep a part of the items.
        """
        if step.shown:
            self._count_shown([self.add(name) for name in step.shown], owned)
            return
        item = self.add(step.item)
        others = [self.add(name) for name, _ in step.previous]
        if owned is None:
            owned = _ALL
            self.dirty.add(item)
            self.dirty.update(others)
        elif len(owned) < len(self.stats):
            raise ValueError(f"owned must cover {len(self.stats)} items (ItemTable.stats), got {len(owned)}")
        else:
            self.dirty.update(i for i in (item, *others) if owned[i])
        absorb(
            self.tables,
            owned,
            item,
            int(step.kind),
            step.ts,
            step.again,
            step.units,
            np.array(others, np.int64),
            np.array([ts for _, ts in step.previous], np.int64),
            self._half_lives,
        )

    def levels(self, item: int) -> NDArray[np.float64]:
        """What the demand of an item is told from (demand/levels.py)."""
        return self.heat[SOLD:, item].copy()

    def _count_shown(self, items: list[int], owned: NDArray[np.bool_] | None) -> None:
        mine = items if owned is None else [item for item in items if owned[item]]
        shown: NDArray[np.int32] = self.stats["shown"]
        for item in mine:
            shown[item] += 1
        self.dirty.update(mine)

    def take_dirty(self) -> set[int]:
        """Items whose rows changed since the last call."""
        dirty, self.dirty = self.dirty, set()
        return dirty

    def dump_row(self, item: int) -> bytes:
        """All that was learned about one item (item_rows.py)."""
        stats = self.stats[item]
        row = self.tables.rows[item, : stats["neighbours"]]
        names = [self.vocabulary.encoded[i] for i in row["item"].tolist()]
        weights = np.stack([row["forward"], row["backward"], row["next"]])
        return pack_row(Row(stats, self.heat[:, item], names, weights))

    def load_row(self, item: str, data: bytes) -> int:
        """Take over a row dumped elsewhere, replacing what is held; the item's index."""
        loaded = unpack_row(data)
        others = [self.vocabulary.add(name.decode()) for name in loaded.names]
        index = self.add(item)
        self.fit()
        stats, row = self.stats[index], self.tables.rows[index]
        n = min(len(others), len(row))
        for name in COPIED:
            stats[name] = loaded.stats[name]
        stats["neighbours"], row["item"][:n] = n, others[:n]
        row["forward"][:n], row["backward"][:n], row["next"][:n] = loaded.weights[:, :n]
        cooled = bool((loaded.heat < self.heat[:, index]).any())
        self.heat[:, index] = loaded.heat
        if cooled:  # only taking over an older state does this
            self._relist_if_in(int(stats["category"]), index)
        rise(self.tables, index)
        return index

    @property
    def full(self) -> bool:
        """Whether `evict` is due."""
        return len(self.vocabulary) >= self.settings.max_items

    def evict(self) -> None:
        """Forget the coldest quarter and number the rest anew. Before it, save dirty rows and dump profiles; after
        it, load profiles again.
        """
        n, old, facts = len(self), self.tables, self.facts
        kept = np.sort(np.lexsort((self.keys[:n], -self.heat[WARM, :n]))[: n * 3 // 4])
        place = np.full(n, -1, np.int32)
        place[kept] = np.arange(len(kept))
        used = np.unique(old.stats["category"][kept])
        used = used[used >= 0]
        self.vocabulary.keep(kept.tolist())
        self.categories.keep(used.tolist())
        self._clear()
        stats = self.stats[: len(kept)]
        stats[...], self.heat[:, : len(kept)] = old.stats[kept], old.heat[:, kept]
        for new_facts, old_facts in zip(self.facts, facts, strict=True):
            new_facts[: len(kept)] = old_facts[kept]
        known = stats["category"] >= 0
        stats["category"][known] = np.searchsorted(used, stats["category"][known])
        for new, index in enumerate(kept.tolist()):
            row = old.rows[index, : old.stats["neighbours"][index]]
            row["item"] = place[row["item"]]
            row = row[row["item"] >= 0]
            self.tables.rows[new, : len(row)], stats["neighbours"][new] = row, len(row)
            rise(self.tables, new)
        self.dirty.clear()

    def forget(self) -> None:
        """Be as new: whoever holds the rows elsewhere says what they are now. Raises `generation`."""
        self.vocabulary.keep([])
        self.categories.keep([])
        self._clear()
        self.dirty.clear()

    def top_names(self, category: str | None = None) -> list[str]:
        """Names of the hottest items of a category, or over all, hottest first."""
        tables = self.tables
        best = tables.hottest[: tables.hottest_size[0]]
        if category is not None:
            at = self.categories.find(category)
            best = tables.top[at, : tables.top_size[at]] if at >= 0 else best[:0]
        return [self.vocabulary.names[i] for i in best.tolist()]

    def fit(self) -> None:
        """Grow the arrays to hold every name of the vocabularies (loading a profile adds names, too)."""
        tables, keys, category_keys = self.tables, self.vocabulary.keys, self.categories.keys
        more, more_categories = len(keys) - len(tables.stats), len(category_keys) - len(tables.top)
        if more == more_categories == 0:
            return
        self.facts = Facts._make(map(np.concatenate, zip(self.facts, blank_facts(more), strict=True)))
        stats = np.zeros(more, STATS)
        stats["category"], stats["available"], stats["price"] = -1, 1, np.nan
        self._hold(
            Tables(
                stats=np.concatenate([tables.stats, stats]),
                rows=np.concatenate([tables.rows, np.zeros((more, tables.rows.shape[1]), NEIGHBOUR)]),
                heat=np.concatenate([tables.heat, np.full((HEATS, more), NEVER)], axis=1),
                keys=keys,
                top=np.pad(tables.top, ((0, more_categories), (0, 0))),
                top_size=np.pad(tables.top_size, (0, more_categories)),
                hottest=tables.hottest,
                hottest_size=tables.hottest_size,
                category_keys=category_keys,
            )
        )

    def _clear(self) -> None:
        """Empty arrays, as long as the vocabularies."""
        settings, self.facts = self.settings, blank_facts(0)
        self.tables = Tables(
            stats=np.zeros(0, STATS),
            rows=np.zeros((0, settings.neighbours), NEIGHBOUR),
            heat=np.zeros((HEATS, 0)),
            keys=np.zeros(0, np.uint64),
            top=np.zeros((0, settings.per_category), np.int32),
            top_size=np.zeros(0, np.int32),
            hottest=np.zeros(settings.trending, np.int32),
            hottest_size=np.zeros(1, np.int32),
            category_keys=np.zeros(0, np.uint64),
        )
        self.fit()

    def _hold(self, tables: Tables) -> None:
        self.tables = tables
        self._categories: NDArray[np.int32] = tables.stats["category"]
        self._available: NDArray[np.int32] = tables.stats["available"]
        self._prices: NDArray[np.float32] = tables.stats["price"]

    def _relist_if_in(self, category: int, item: int) -> None:
        """Make the lists that hold the item again from all items: for the rare changes that can cool an item."""
        tables = self.tables
        if category >= 0 and item in tables.top[category, : tables.top_size[category]]:
            best = self._best(
                np.flatnonzero(self._categories == category), tables.heat[WARM], tables.top.shape[1]
            )
            tables.top[category, : len(best)], tables.top_size[category] = best, len(best)
        if item in tables.hottest[: tables.hottest_size[0]]:
            best = self._best(np.arange(len(self)), tables.heat[HOT], len(tables.hottest))
            tables.hottest[: len(best)], tables.hottest_size[0] = best, len(best)

    def _best(self, members: NDArray[np.int64], heat: NDArray[np.float64], k: int) -> NDArray[np.int64]:
        known = members[(self._available[members] == 1) & (heat[members] > NEVER)]
        best: NDArray[np.int64] = known[np.lexsort((self.keys[known], -heat[known]))[:k]]
        return best
