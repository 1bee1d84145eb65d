"""Examples that no shop made, for what must hold for any."""

import numpy as np

from online_model import Example
from online_model.encoder.described import Described
from online_model.example import PAST, WORD
from online_model.item_facts import SKETCH, TOKENS, WORDS, blank_facts

YEAR_S = 365 * 86_400.0


def made_up(seed: int, past: int, rows: int = 9) -> tuple[Example, Described]:
    """An example of random keys, kinds and ages, from now to beyond the last knot, and of words that were searched for;
    about half its items described.
    """
    draw = np.random.default_rng(seed)
    entries = np.zeros(past, PAST)
    for key in ("item", "category"):
        entries[key] = draw.integers(0, 2**32, past)
    entries["kind"] = draw.integers(0, 8, past)
    entries["age_s"] = np.sort(draw.choice([0.0, 1.0, 59.5, 3_600.0, YEAR_S, 30 * YEAR_S], past))
    items, categories = draw.integers(0, 2**32, (2, rows)).astype("<u4")
    ids = items.tobytes(), categories.tobytes()
    words = np.zeros(min(past, WORDS), PAST)
    words["item"], words["category"] = draw.integers(0, 2**32, len(words)), WORD
    words["age_s"] = np.sort(draw.choice([0.0, 30.0, 86_400.0, YEAR_S], len(words)))
    told = entries.tobytes() + words.tobytes()
    example = Example(0, 0, 0, 0, "-/0", *ids, b"", b"", b"", True, told)
    keys = np.unique(np.concatenate([entries["item"], items]))
    keys = keys[draw.random(len(keys)) < 0.5]
    facts = blank_facts(len(keys))
    facts.tokens[:], facts.used[:] = (
        draw.integers(0, 2**32, facts.tokens.shape),
        draw.integers(0, TOKENS + 1, len(keys)),
    )
    facts.sketched[:] = draw.random(len(keys)) < 0.5
    facts.sketches[facts.sketched] = draw.standard_normal((int(facts.sketched.sum()), SKETCH))
    return example, Described(keys, facts)
