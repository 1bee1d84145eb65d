"""What an encoder knows of items by their keys alone: for examples, which carry no descriptions."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from online_model.actions import Description
from online_model.example import PAST, Example
from online_model.item_facts import Facts, blank_facts, write_facts
from online_model.vocabulary import stable_key

_LOW = 0xFFFF_FFFF


class Described(NamedTuple):
    """facts[i] are those of the item with keys[i]."""

    keys: NDArray[np.uint32]  # [n], low halves of stable keys, ascending
    facts: Facts  # of n items


NOTHING = Described(np.zeros(0, np.uint32), blank_facts(0))


def described(descriptions: Iterable[Description], among: Iterable[int] | None = None) -> Described:
    """An item's last description counts. among: only these keys, if given."""
    wanted = None if among is None else set(among)
    last: dict[int, Description] = {}
    for description in descriptions:
        key = stable_key(description.item) & _LOW
        if wanted is None or key in wanted:
            last[key] = description
    keys = np.array(sorted(last), np.uint32)
    facts = blank_facts(len(keys))
    for at, key in enumerate(keys.tolist()):
        write_facts(facts, at, last[key])
    return Described(keys, facts)


def beside(own: Described, other: Described) -> Described:
    """Both; where they speak of one item, `own` counts."""
    new = ~np.isin(other.keys, own.keys)
    keys = np.concatenate([own.keys, other.keys[new]])
    order = np.argsort(keys)
    facts = (np.concatenate([a, b[new]])[order] for a, b in zip(own.facts, other.facts, strict=True))
    return Described(keys[order], Facts(*facts))


def keys_in(examples: Iterable[Example]) -> set[int]:
    """Of all items that the examples speak of."""
    found: set[int] = set()
    for example in examples:
        found.update(np.frombuffer(example.items, "<u4").tolist())
        found.update(np.frombuffer(example.history, PAST)["item"].tolist())
    return found


@njit(cache=True, nogil=True)
def place_of_key(keys: NDArray[np.uint32], key: int) -> int:
    """Where a key lies, or −1."""
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < len(keys) and keys[low] == key else -1
