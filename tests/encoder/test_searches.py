"""What a shopper searches for says what is chosen next: the encoder learns it, and only from searches."""

import msgspec
import numpy as np
from encoder.taste_world import ITEMS, SMALL, TASKS, TASTES, World

from online_model import Action, Description, Example, Kind
from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import described
from online_model.encoder.judge import judge
from online_model.encoder.refresh import refresh
from online_model.example import PAST, WORD

SEARCHES = 900


def titled(item: str, taste: int) -> Description:
    return Description(item, title=f"Thing of taste{taste}")


def asked_for(world: World, searches: int) -> list[Example]:
    """Each search names any taste, and the next click is on an item of it: what one did before says nothing."""
    draw, made = np.random.default_rng(5), list[Example]()
    for n in range(searches):
        taste, shopper = int(draw.integers(TASTES)), n % 40
        item = f"item-{taste + TASTES * int(draw.integers(ITEMS // TASTES))}"
        world.act(shopper, Action(Kind.SEARCH, "", world.now_ms, 2 * n, query=f"taste{taste}, please"))
        made += world.act(shopper, Action(Kind.CLICK, item, world.now_ms, 2 * n + 1))
    return made


def without_words(example: Example) -> Example:
    past = np.frombuffer(example.history, PAST)
    return msgspec.structs.replace(example, history=past[past["category"] != WORD].tobytes())


def test_searches_tell_what_is_chosen_next() -> None:
    world = World(tell=titled)
    examples = asked_for(world, SEARCHES)
    known = described(titled(f"item-{n}", n % TASTES) for n in range(ITEMS))
    settings = msgspec.structs.replace(SMALL, epochs=10, batch=32, learning_rate=0.02)
    losses = []
    for window in [without_words(e) for e in examples], examples:
        weights = refresh(window[:-200], TASKS, settings, None, known).weights
        encoder = CompiledEncoder("v", TASKS, settings, weights, known)
        losses.append(float(judge(encoder, window[-200:], len(TASKS)).loss.mean()))

    without, with_words = losses

    assert with_words < without - 0.5
