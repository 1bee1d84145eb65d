"""How fast the encoder trains, and how fast one shopper and a list are scored: compiled beside torch, in one run."""

import statistics
import time
from collections.abc import Callable

import msgspec
import numpy as np
import torch
from encoder_stream import TASKS, Shop, simulated

from online_model import Example
from online_model.encoder.choices import collect
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.hashing import HALF
from online_model.encoder.items import items_of
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.towers import Towers
from online_model.encoder.training import Epoch, fit
from online_model.encoder.user_towers import USER_TOWERS
from online_model.encoder.user_towers.past import Past
from online_model.example import PAST, PAST_ITEMS, WORD
from online_model.item_facts import WORDS

EVENTS, ITEMS, ROUNDS, CALLS = 12_000, 200, 7, 50


def speed() -> None:
    """One line a user tower: training examples/s; µs for a shopper with 50 events and 200 items."""
    shop = Shop(EncoderSettings())
    for record in simulated(EVENTS):
        shop.take(record)
    examples = [e for e in shop.examples if e.kind == 0]
    known = shop.trained()[1].known
    print(
        f"\n{len(examples):,} examples of the simulated shop; one thread; median of {ROUNDS} × {CALLS} calls"
    )
    print(f"µs for a shopper with {PAST_ITEMS} items in the past and {ITEMS} items to score")
    print(f"{'':<10} {'trains':>12} | item vectors at hand: | from keys alone:")
    print(f"{'tower':<10} {'examples/s':>12} | compiled torch  ratio | compiled  torch  ratio")
    for tower in USER_TOWERS:
        settings = msgspec.convert({"user_tower": tower, "epochs": 2}, EncoderSettings)
        told: list[Epoch] = []
        began = time.perf_counter()
        weights = fit(
            collect(examples[:-500], 3), examples[-500:], TASKS, settings, known=known, progress=told.append
        )
        rate = len(told) * (len(examples) - 500) / (time.perf_counter() - began)
        encoder = CompiledEncoder("v", TASKS, settings, weights, known)
        ours, theirs = at_hand(shop, encoder)
        keyed, keyed_torch = from_keys(encoder, examples)
        print(
            f"{tower:<10} {rate:>12,.0f} | {ours:>8.0f} {theirs:>5.0f} {theirs / ours:>5.1f}×"
            f" | {keyed:>8.0f} {keyed_torch:>6.0f} {keyed_torch / keyed:>5.1f}×",
            flush=True,
        )


def at_hand(shop: Shop, encoder: CompiledEncoder) -> tuple[float, float]:
    """The worker's way: the vectors of the items have been computed before, for torch too."""
    table, longest = shop.core.items, max(shop.profiles.values(), key=lambda p: p.size)
    items = np.arange(ITEMS, dtype=np.int32)
    now = int(table.stats["last_ts"].max())
    compiled = timed(lambda: encoder.logits(longest, now, items, table))
    towers = _towers(encoder)
    past, words = _past(encoder, PAST_ITEMS), _past(encoder, WORDS)
    vectors = torch.randn(ITEMS, encoder.settings.dim)

    def by_torch() -> None:
        with torch.no_grad():
            _ = vectors @ towers.trunk(towers.user(past, words))[0].T

    return compiled, timed(by_torch)


def from_keys(encoder: CompiledEncoder, examples: list[Example]) -> tuple[float, float]:
    """A replay's way: nothing but the keys; the example is one with a long past, its rows repeated up to ITEMS."""
    example = max(examples, key=lambda e: len(e.history))
    rows = np.resize(np.frombuffer(example.items, "<u4"), ITEMS)
    categories = np.resize(np.frombuffer(example.categories, "<u4"), ITEMS)
    long = msgspec.structs.replace(example, items=rows.tobytes(), categories=categories.tobytes())
    compiled = timed(lambda: encoder.logits_of(long))
    towers, told = _towers(encoder), np.frombuffer(example.history, PAST)
    word = torch.from_numpy(told["category"] == WORD)
    pairs = np.concatenate(
        [
            rows.astype(np.uint64) << HALF | categories,
            told["item"].astype(np.uint64) << HALF | told["category"],
        ]
    )
    kinds, ages = (
        torch.from_numpy(told["kind"].astype(np.int64))[None],
        torch.from_numpy(told["age_s"].copy())[None],
    )
    used = torch.ones(1, len(told), dtype=torch.bool)

    def by_torch() -> None:
        with torch.no_grad():
            found = items_of(pairs, encoder.known, encoder.settings)
            vectors = towers.item(found, towers.item.gates[found.id_rows].amin(dim=1))
            read = Past(vectors[None, ITEMS:], kinds, ages, used)
            past, words = (Past(*(part[:, at] for part in read)) for at in (~word, word))
            users = towers.trunk(towers.user(past, words))
            _ = vectors[:ITEMS] @ users[0].T

    return compiled, timed(by_torch)


def timed(call: Callable[[], object]) -> float:
    """Median µs; the first round is not counted."""
    rounds = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        for _ in range(CALLS):
            call()
        rounds.append((time.perf_counter() - began) / CALLS * 1e6)
    return statistics.median(rounds[1:])


def _towers(encoder: CompiledEncoder) -> Towers:
    towers = Towers(encoder.settings, len(encoder.tasks))
    towers.load(encoder.weights)
    return towers.eval()


def _past(encoder: CompiledEncoder, n: int) -> Past:
    return Past(
        torch.randn(1, n, encoder.settings.dim),
        torch.zeros(1, n, dtype=torch.int64),
        torch.arange(n, dtype=torch.float32)[None] * 60,
        torch.ones(1, n, dtype=torch.bool),
    )
