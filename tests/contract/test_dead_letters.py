"""A dead letter can be read by people and gives back the very bytes that were refused."""

import base64
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from freshet.contract.dead_letters import DeadLetter, pack_dead_letter, unpack_dead_letter


@given(
    st.builds(
        DeadLetter,
        reason=st.text(),
        topic=st.text(),
        partition=st.integers(0, 1023),
        offset=st.integers(0, 2**62),
        key=st.none() | st.binary(),
        value=st.none() | st.binary(),
        refused_ms=st.integers(0, 2**62),
    )
)
def test_unpacking_gives_what_was_packed(letter):
    assert unpack_dead_letter(pack_dead_letter(letter)) == letter


def test_it_is_json_with_the_bytes_in_base64():
    letter = DeadLetter(
        reason="clicks: not JSON",
        topic="clicks",
        partition=2,
        offset=7,
        key=b"u1",
        value=b"\xff{",
        refused_ms=5,
    )

    read = json.loads(pack_dead_letter(letter))

    assert read == {
        "reason": "clicks: not JSON",
        "topic": "clicks",
        "partition": 2,
        "offset": 7,
        "key": base64.b64encode(b"u1").decode(),
        "value": base64.b64encode(b"\xff{").decode(),
        "refused_ms": 5,
    }


@pytest.mark.parametrize("value", [b"", b"{}", b"7", b'{"reason": 1}'])
def test_anything_else_is_no_dead_letter(value):
    with pytest.raises(msgspec.DecodeError):
        unpack_dead_letter(value)
