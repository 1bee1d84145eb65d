"""Whatever bytes come, the decoder takes an event or raises BadEvent; never anything else."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from freshet.contract.events import SCHEMAS, BadEvent, decode

topics = st.sampled_from(list(SCHEMAS))
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=200)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
fields = st.sampled_from(sorted({field for schema in SCHEMAS.values() for field in schema.__struct_fields__}))


def taken(topic: str, value: bytes) -> object:
    try:
        return decode(topic, value, now_ms=1_764_000_000_000)
    except BadEvent as refused:
        assert len(str(refused)) > 10
        return None


@given(topics, st.binary(max_size=300))
def test_any_bytes(topic, value):
    taken(topic, value)


@given(topics, anything)
def test_any_json(topic, value):
    taken(topic, json.dumps(value).encode())


@settings(max_examples=400)
@given(topics, st.dictionaries(fields, anything, max_size=12))
def test_our_fields_with_any_values(topic, value):
    event = taken(topic, json.dumps(value).encode())

    if event is not None:
        owner = event.item_id if topic == "items" else event.user_id
        assert len(owner.encode()) >= 1 and owner.isprintable()


@given(topics, st.text(min_size=1, max_size=128), st.data())
def test_a_good_event_damaged_anywhere(topic, owner, data):
    required = {
        "event_id": "e",
        "user_id": owner,
        "ts": 5,
        "item_id": "i",
        "items": ["i"],
        "query": "q",
        "rating": 3,
    }
    required["action"] = "add" if topic == "carts" else "hide"
    value = bytearray(json.dumps(required).encode())
    at = data.draw(st.integers(0, len(value) - 1))
    value[at] = data.draw(st.integers(0, 255))

    taken(topic, bytes(value))
