"""100,000 hostile messages: each one taken or refused with a reason; what is taken, the core can learn from."""

import json
import resource
import time
from collections import Counter

import numpy as np
import pytest
from hostile.inputs import NOW_MS, hostile
from hypothesis import given, settings
from hypothesis import strategies as st

from freshet.actions import to_action, to_description
from freshet.contract.events import MAX_EVENT_BYTES, BadEvent, decode
from freshet.contract.topics import USER_TOPICS
from freshet.settings import Settings
from online_model.recommender import Recommender
from stream.intake import Intake, Record
from stream.outbox import Message

COUNT = 100_000
LEARNED = 3_000  # of those taken, at most so many go through the whole core: a millisecond each
MOST_BYTES = 200 * 2**20


@pytest.mark.timeout(240)
def test_each_of_100_000_is_taken_sent_on_or_refused_with_a_reason() -> None:
    intake, outcomes, reasons = Intake(Settings().kafka), Counter[str](), Counter[str]()
    before, slowest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, 0.0
    for n, (topic, value) in enumerate(hostile(COUNT, seed=1)):
        outgoing: list[Message] = []
        began = time.process_time()
        outcome, event = intake.sort(Record(topic, 0, n, b"k", value, NOW_MS / 1000), outgoing, now_ms=NOW_MS)
        slowest = max(slowest, time.process_time() - began)
        outcomes[outcome] += 1
        if outcome == "dead_lettered":
            reasons[json.loads(outgoing[0].value or b"")["reason"][:30]] += 1
        elif outcome == "event":
            to_description(event) if topic == "items" else to_action(topic, event)
        assert len(outgoing) == (outcome != "event")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before

    assert outcomes.total() == COUNT
    assert all(outcomes[outcome] > 2_000 for outcome in ("event", "forwarded", "dead_lettered")), outcomes
    assert len(reasons) > 100 and min(map(len, reasons)) > 10
    assert slowest < 0.5, f"one message took {slowest:.2f} s"
    assert grown < MOST_BYTES


@pytest.mark.timeout(240)
def test_what_is_taken_can_be_learned_from() -> None:
    """No number of an accepted event makes a list anything but probabilities."""
    core = Recommender()
    profiles = {name: core.profile() for name in ("a", "b", "c")}
    taken = 0
    for n, (topic, value) in enumerate(hostile(COUNT, seed=2)):
        try:
            event = decode(topic, value, now_ms=NOW_MS)
        except BadEvent:
            continue
        taken += 1
        if topic == "items":
            core.describe(to_description(event))
            continue
        profile = profiles["abc"[n % 3]]
        source = ([t.name for t in USER_TOPICS].index(topic), 0, n)
        seen = core.observe(profile, to_action(topic, event), source)
        for example in seen.examples:
            core.learn(example)
        if seen.step is not None:
            core.absorb(seen.step)
        if taken >= LEARNED:
            break
    lists = [core.rank(profile, NOW_MS, 50) for profile in profiles.values()]

    assert taken == LEARNED
    for ranking in lists:
        assert len(ranking.items) > 10
        assert np.isfinite(ranking.p).all() and (ranking.p >= 0).all() and (ranking.p <= 1).all()
    for profile in profiles.values():
        assert len(profile.dump(core.items.vocabulary)) < 64 * 1024


@pytest.mark.parametrize("topic", ["clicks", "items"])
def test_a_message_beyond_the_bound_is_not_even_parsed(topic: str) -> None:
    value = b"[" * 10_000_000
    began = time.process_time()
    with pytest.raises(BadEvent, match=f"has 10,000,000 bytes; at most {MAX_EVENT_BYTES:,} are taken"):
        decode(topic, value, now_ms=NOW_MS)

    assert time.process_time() - began < 0.01


texts = st.text(st.characters(), max_size=300)  # lone surrogates too


@settings(max_examples=500, deadline=None)
@given(
    name=st.sampled_from(["event_id", "user_id", "item_id", "session_id"]),
    value=texts | st.floats() | st.integers() | st.lists(texts, max_size=3),
    place=st.sampled_from(["value", "context", "unknown"]),
)
def test_any_value_in_any_id(name: str, value: object, place: str) -> None:
    event = {"event_id": "e", "user_id": "u", "item_id": "i", "ts": NOW_MS}
    told: dict[str, object] = {
        "value": {name: value},
        "context": {"context": {name: value}},
        "unknown": {"x": value},
    }[place]
    raw = json.dumps({**event, **told}).encode()
    try:
        taken = decode("clicks", raw, now_ms=NOW_MS)
    except BadEvent as error:
        assert len(str(error)) > 10
        return

    assert taken.user_id.isprintable() and taken.item_id.isprintable() and 1 <= len(taken.user_id) <= 128
    taken.user_id.encode()
