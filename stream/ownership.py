"""Which items' partition each place of the table belongs to, kept up as the vocabulary grows."""

import numpy as np
from numpy.typing import NDArray

from freshet.contract.partitioner import partition_of
from online_model.item_table import ItemTable


class Ownership:
    """masks()[p][i] says whether item i lies in partition p."""

    def __init__(self, table: ItemTable, partitions: int) -> None:
        self._table, self._partitions = table, partitions
        self._generation, self._known = table.generation, 0
        self._masks = np.zeros((partitions, 1024), np.bool_)

    def mask(self, partition: int) -> NDArray[np.bool_] | None:
        """bool, as long as the table's arrays; None where one partition has all items."""
        if self._partitions == 1:
            return None
        names = self._table.vocabulary.names
        if self._generation != self._table.generation:
            self._generation, self._known = self._table.generation, 0
            self._masks[:] = False
        while self._masks.shape[1] < len(self._table.stats):
            self._masks = np.concatenate([self._masks, np.zeros_like(self._masks)], axis=1)
        for place in range(self._known, len(names)):
            self._masks[partition_of(names[place], self._partitions), place] = True
        self._known = len(names)
        mask: NDArray[np.bool_] = self._masks[partition]
        return mask
