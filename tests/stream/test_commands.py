"""A batch's writes as steps: on a cluster one for each tag."""

from stream.commands import Step, by_tag, set_fields, set_many


def test_every_part_of_a_batch_goes_with_its_tag() -> None:
    whole = Step(
        ["w{0}clicks", "w{1}clicks", "w{1}carts"],
        {"w{0}clicks": b"1", "w{1}carts": b"2"},
        [("SET", "u{1}bob", b"b"), ("DEL", "u{0}ann"), ("SADD", "l{1}", "bob")],
    )

    assert by_tag(whole) == [
        Step(["w{0}clicks"], {"w{0}clicks": b"1"}, [("DEL", "u{0}ann")]),
        Step(
            ["w{1}clicks", "w{1}carts"],
            {"w{1}carts": b"2"},
            [("SET", "u{1}bob", b"b"), ("SADD", "l{1}", "bob")],
        ),
    ]


def test_words() -> None:
    assert set_many({"r{i0}a": b"1", "r{i1}b": b"2", "r{i0}c": b"3"}) == [
        ("MSET", "r{i0}a", b"1", "r{i0}c", b"3"),
        ("MSET", "r{i1}b", b"2"),
    ]
    assert set_many({}) == []
    assert set_fields("t{i0}", {"": b"1", "hats": b"2"}) == ("HSET", "t{i0}", "", b"1", "hats", b"2")
