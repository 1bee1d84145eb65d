"""Do words that were searched for help the encoder? The same examples of the simulated shop with and without them."""

import msgspec
import numpy as np
from encoder_stream import TASKS, Shop, simulated

from online_model import Description, Example, Kind
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import described, keys_in
from online_model.encoder.judge import K, judge
from online_model.encoder.refresh import refresh
from online_model.encoder.settings import EncoderSettings
from online_model.example import PAST, WORD

EVENTS, WINDOW, LATER, SEEDS = 90_000, 20_000, 8_000, (7, 8, 9)
SOON_S = 120


def words() -> None:
    """Prints log loss and recall@K of the choices after the window: all, and those soon after a search."""
    shop = Shop(EncoderSettings(), WINDOW + LATER)
    for record in simulated(EVENTS):
        if isinstance(record, Description) or record[1].kind != Kind.IMPRESSION:
            shop.take(record)
    examples = list(shop.examples)[: WINDOW + LATER]
    known = described(shop.descriptions.values(), keys_in(examples))
    print(
        f"\nsimulated shop, {WINDOW:,} examples to learn from; loss / recall@{K} of the {LATER:,} after them"
    )
    print(f"{'':<20} {'all':>17} {f'≤ {SOON_S} s after a search':>26} {'others':>17}")
    for name, window in (("without words", [without(e) for e in examples]), ("with words", examples)):
        rows = []
        for seed in SEEDS:
            settings = EncoderSettings(seed=seed)
            weights = refresh(window[:WINDOW], TASKS, settings, None, known).weights
            encoder = CompiledEncoder(name, TASKS, settings, weights, known)
            rows.append(_figures(encoder, window[WINDOW:], [soon(e) for e in examples[WINDOW:]]))
        means = np.mean(rows, axis=0)
        cells = (f"{loss:.4f} / {recall:.4f}" for loss, recall in means)
        print(f"{name:<20} " + "   ".join(f"{cell:>20}" for cell in cells), flush=True)


def without(example: Example) -> Example:
    """As if nobody could search."""
    past = np.frombuffer(example.history, PAST)
    return msgspec.structs.replace(example, history=past[past["category"] != WORD].tobytes())


def soon(example: Example) -> bool:
    past = np.frombuffer(example.history, PAST)
    return bool((past["age_s"][past["category"] == WORD] <= SOON_S).any())


def _figures(encoder: CompiledEncoder, later: list[Example], at: list[bool]) -> list[tuple[float, float]]:
    """(loss, recall) of all, of those soon after a search, of the others."""
    parts = (
        later,
        [e for e, is_soon in zip(later, at, strict=True) if is_soon],
        [e for e, is_soon in zip(later, at, strict=True) if not is_soon],
    )
    judged = [judge(encoder, part, len(TASKS)) for part in parts]
    return [(float(one.loss.mean()), float((one.rank < K).mean())) for one in judged]
