"""What the catalogue says of an item, as numbers of a fixed size: hashed words, and a sketch of the shop's own vector.

Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009.
"""

import math
import re
from functools import lru_cache
from itertools import accumulate, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from online_model.actions import Description
from online_model.vocabulary import stable_key

TOKENS = 20  # an item's first so many; shop titles have about ten words
WORDS = 6  # searched for that are remembered: two searches or three
SKETCH = 32  # numbers of a sketch: it keeps angles between vectors of any width to about ± 1/√32
_WORD = re.compile(r"\w+")
_LOW = 0xFFFF_FFFF


class Facts(NamedTuple):
    """Of n items. 232 bytes an item."""

    tokens: NDArray[np.uint32]  # [n, TOKENS]
    used: NDArray[np.int32]  # [n], places of tokens that count
    sketches: NDArray[np.float32]  # [n, SKETCH]
    sketched: NDArray[np.bool_]  # [n]: whether the shop gave a vector
    stamps: NDArray[np.uint32]  # [n], raised by each change


def blank_facts(n: int) -> Facts:
    """Of items that nothing is known of."""
    return Facts(
        np.zeros((n, TOKENS), np.uint32),
        np.zeros(n, np.int32),
        np.zeros((n, SKETCH), np.float32),
        np.zeros(n, np.bool_),
        np.zeros(n, np.uint32),
    )


def write_facts(facts: Facts, at: int, description: Description) -> None:
    """Take a description into place `at`; its stamp rises if anything is different."""
    tokens = np.zeros(TOKENS, np.uint32)
    found = tokens_of(description)
    tokens[: len(found)] = found
    sketch = sketch_of(description.embedding) if description.embedding else np.zeros(SKETCH, np.float32)
    same = np.array_equal(facts.tokens[at], tokens) and np.array_equal(facts.sketches[at], sketch)
    if not same:
        facts.tokens[at], facts.used[at] = tokens, len(found)
        facts.sketches[at], facts.sketched[at] = sketch, bool(description.embedding)
        facts.stamps[at] += 1


def tokens_of(description: Description) -> NDArray[np.uint32]:
    """Hashed words, most telling first, each once, at most TOKENS: brand, price in half octaves, the levels above
    the item's own category, tags, title. A word is the same word in a tag and in a title.

    >>> len(tokens_of(Description("i", "shoes/running", 49.9, brand="Acme", title="Acme runner", tags=("runner",))))
    5
    """
    words: list[str] = []
    if description.brand:
        words.append(f"brand:{description.brand.lower()}")
    if description.price is not None:
        words.append(f"price:{round(2 * math.log2(1 + description.price))}")
    levels = (description.category or "").split("/")[:-1]
    words += (f"level:{path}" for path in accumulate(levels, "{}/{}".format))
    told = " ".join((*description.tags, description.title or ""))
    words += words_in(told)
    return np.array([stable_key(word) & _LOW for word in islice(dict.fromkeys(words), TOKENS)], np.uint32)


def query_tokens(query: str) -> list[int]:
    """Hashed words of a search, first ones first, each once: the same numbers as in a title or a tag."""
    return [stable_key(word) & _LOW for word in dict.fromkeys(words_in(query))]


def words_in(text: str) -> list[str]:
    """Its words as they are hashed."""
    return [f"word:{word}" for word in _WORD.findall(text.lower())]


def sketch_of(embedding: tuple[float, ...]) -> NDArray[np.float32]:
    """float32[SKETCH]: the direction of a vector of any width, projected on random signs (Achlioptas, PODS 2001).

    All zeros for a vector without a direction.
    """
    vector = np.array(embedding, np.float64)
    length = float(np.linalg.norm(vector))
    if not 0 < length < math.inf:
        return np.zeros(SKETCH, np.float32)
    projected: NDArray[np.float32] = (vector / length @ _signs(len(vector))).astype(np.float32)
    return projected


@lru_cache(maxsize=8)
def _signs(width: int) -> NDArray[np.float64]:
    """float64[width, SKETCH] of ± 1, the same in every process: a shop's vectors have one width."""
    return np.random.default_rng(width).choice([-1.0, 1.0], (width, SKETCH))
