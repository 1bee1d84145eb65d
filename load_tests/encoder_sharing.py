"""Does it matter what the encoder's tasks share? Each way trained on the same window, judged on what came after it."""

import time
from typing import get_args

import msgspec
import numpy as np
from encoder_stream import TASKS, Record, Shop, simulated, taobao

from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import described, keys_in
from online_model.encoder.judge import K, judge
from online_model.encoder.refresh import refresh
from online_model.encoder.settings import EncoderSettings, Sharing

SEEDS, WINDOW, LATER = (7, 8, 9), 20_000, 10_000
SETTINGS = EncoderSettings()


def sharing() -> None:
    """Prints log loss and recall@K of each task, means over the seeds ± standard deviation of the loss."""
    for name, records in (("Taobao", taobao()), ("simulated shop", simulated(120_000))):
        _compare(name, records)


def _compare(name: str, records: list[Record]) -> None:
    shop, most = Shop(SETTINGS, WINDOW + LATER), WINDOW + LATER
    for record in records:
        if len(shop.examples) == most:
            break
        shop.take(record)
    window, later = list(shop.examples)[:WINDOW], list(shop.examples)[WINDOW:]
    known = described(shop.descriptions.values(), keys_in([*window, *later]))
    chance = judge(None, later, len(TASKS))
    counts = ", ".join(f"{(chance.task == t).sum():,} {task}" for t, task in enumerate(TASKS))
    print(
        f"\n{name}: {WINDOW:,} examples to learn from, {counts} to judge by; chance {chance.loss.mean():.3f}"
    )
    heads = (f"{task + ' loss / recall':>24}" for task in TASKS)
    print(f"{'what is shared':<26}{'loss':>18}" + "".join(heads) + f"{'trains':>9}")
    for way in get_args(Sharing):
        rows, began = [], time.monotonic()
        for seed in SEEDS:
            settings = msgspec.structs.replace(SETTINGS, sharing=way, seed=seed)
            weights = refresh(window, TASKS, settings, None, known).weights
            judged = judge(CompiledEncoder(way, TASKS, settings, weights, known), later, len(TASKS))
            of = [judged.task == t for t in range(len(TASKS))]
            each = [(judged.loss[at].mean(), (judged.rank[at] < K).mean()) for at in of]
            rows.append([judged.loss.mean(), *(figure for pair in each for figure in pair)])
        took = (time.monotonic() - began) / len(SEEDS)
        means, spread = np.mean(rows, axis=0), np.std(rows, axis=0)[0]
        pairs = zip(means[1::2], means[2::2], strict=True)
        cells = "".join(f"{f'{loss:.3f} / {recall:.3f}':>24}" for loss, recall in pairs)
        print(f"{way:<26}{f'{means[0]:.4f} ± {spread:.4f}':>18}{cells}{took:>7.0f} s", flush=True)
