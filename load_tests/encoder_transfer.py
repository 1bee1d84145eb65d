"""Does a cold target do better with another domain's log? MovieLens 100k: a shop of science fiction that has just
opened, beside one of all other films; shoppers and films of the two are different ones, genres and years are shared.
"""

import msgspec
import numpy as np
from encoder_stream import TASKS, Record, Shop, movielens

from online_model import Description, Example
from online_model.encoder.choices import collect
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import Described, described
from online_model.encoder.judge import K, judge
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.training import fit
from online_model.encoder.transfer import Source

GENRE, SEEDS, SIZES = "Sci-Fi", (7, 8, 9), (125, 250, 1_000)
SOURCE, LATER = 12_000, 2_000  # examples of the source; of the target, judged after the first ones
SETTINGS = EncoderSettings(
    id_buckets=1 << 12, category_buckets=1 << 8, word_buckets=1 << 12, batch=64, epochs=20
)
WAYS = ("target alone", "mixed, λ = 1", "warm start, tuned", "warm start, user tower and trunk frozen")

Results = dict[str, list[tuple[float, float]]]
"""Way → for each size, log loss and recall@K on the later examples, means over the seeds."""


def transfer() -> Results:
    """Prints a row a way, a column a size."""
    source, target, known = logs()
    later = target[max(SIZES) : max(SIZES) + LATER]
    chance = judge(None, later, len(TASKS))
    found: Results = {way: [] for way in WAYS}
    for way in WAYS:
        for size in SIZES:
            results = []
            for seed in SEEDS:
                settings = msgspec.structs.replace(SETTINGS, seed=seed)
                judged = judge(trained(way, source, target[:size], known, settings), later, len(TASKS))
                results.append((judged.loss.mean(), (judged.rank < K).mean()))
            loss, recall = np.mean(results, axis=0)
            found[way].append((float(loss), float(recall)))
    print(
        f"\n{GENRE} of MovieLens 100k, {len(later):,} later examples; log loss / recall@{K}, "
        f"means of {len(SEEDS)} seeds"
    )
    print(f"chance {chance.loss.mean():.3f} / {(chance.rank < K).mean():.3f}")
    print(f"{'examples of its own':<42}" + "".join(f"{size:>16,}" for size in SIZES))
    for way, row in found.items():
        print(f"{way:<42}" + "".join(f"{f'{loss:.3f} / {recall:.3f}':>16}" for loss, recall in row))
    return found


def trained(
    way: str, source: list[Example], own: list[Example], known: Described, settings: EncoderSettings
) -> CompiledEncoder:
    """The newest fifth of the target's own examples says when to stop."""
    cut = len(own) * 4 // 5
    choices, newest = collect(own[:cut], len(TASKS)), own[cut:]
    if way.startswith("mixed"):
        mixed = Source(collect(source, len(TASKS)), float(way.split("= ")[1]))
        weights = fit(choices, newest, TASKS, settings, known=known, source=mixed)
    elif way.startswith("warm"):
        frozen = ("user", "trunk") if "frozen" in way else ()
        start = source_encoder(source, known, settings)
        weights = fit(choices, newest, TASKS, settings, known=known, warm_start=start, frozen=frozen)
    else:
        weights = fit(choices, newest, TASKS, settings, known=known)
    return CompiledEncoder(way, TASKS, settings, weights, known)


_started: dict[int, CompiledEncoder] = {}


def source_encoder(source: list[Example], known: Described, settings: EncoderSettings) -> CompiledEncoder:
    """Trained on the source alone, once a seed."""
    if settings.seed not in _started:
        cut = len(source) * 9 // 10
        weights = fit(collect(source[:cut], len(TASKS)), source[cut:], TASKS, settings, known=known)
        _started[settings.seed] = CompiledEncoder("source", TASKS, settings, weights, known)
    return _started[settings.seed]


def logs() -> tuple[list[Example], list[Example], Described]:
    """Examples of the source, of the target, and all films."""
    records = movielens()
    films = {record.item: record for record in records if isinstance(record, Description)}
    shops: dict[bool, list[Record]] = {True: [], False: []}
    for record in records:
        item = record.item if isinstance(record, Description) else record[1].item
        of_target = GENRE in films[item].tags
        if isinstance(record, Description) or of_target == (int(record[0]) % 2 == 0):
            shops[of_target].append(record)
    made = []
    for of_target, wanted in ((False, SOURCE), (True, max(SIZES) + LATER)):
        shop = Shop(SETTINGS)
        for record in shops[of_target]:
            if len(shop.examples) < wanted:
                shop.take(record)
        made.append(list(shop.examples))
    return made[0], made[1], described(films.values())
