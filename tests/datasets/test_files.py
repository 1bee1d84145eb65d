"""What files do to a reader: gzip, byte-order marks, bad lines, wrong formats, more than is wanted."""

import gzip

import pytest

from freshet.datasets import TooManyBadLines, read
from freshet.datasets.taobao import DAYS_MS
from freshet.datasets.time_order import in_time_order

GOOD = "u,i,c,pv,1500000000"


@pytest.fixture
def said():
    return []


def events(name, path, said, **options):
    records = read(name, path, report=said.append, **options)
    return [record.event.event_id for record in records if record.topic != "items"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD.encode(), id="no-newline-at-the-end"),
        pytest.param(f"\n{GOOD}\n\n".encode(), id="blank-lines"),
        pytest.param(f"{GOOD}\r\n".encode(), id="windows"),
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="byte-order-mark"),
        pytest.param(gzip.compress(GOOD.encode()), id="gzip"),
        pytest.param(gzip.compress(b"") + gzip.compress(GOOD.encode()), id="gzip-of-several-members"),
        pytest.param(b'"u","i","c","pv","1500000000"', id="quoted"),
    ],
)
def test_one_good_line_is_read_from(tmp_path, said, content):
    path = tmp_path / "named-anyhow.txt"
    path.write_bytes(content)

    assert len(events("taobao", path, said)) == 1
    assert said == []


def test_an_empty_file_has_no_events(tmp_path, said):
    path = tmp_path / "empty"
    path.touch()

    assert events("rees46", path, said) == []


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("taobao", "u,i,c,pv", "no timestamp; wanted user_id,item_id,category_id,behavior,timestamp"),
        ("taobao", ",i,c,pv,1500000000", "no user_id"),
        ("taobao", "u,i,c,gaze,1500000000", "behavior is one of pv, cart, fav, buy; got 'gaze'"),
        ("taobao", "u,i,c,pv,then", "timestamp is not a number: 'then'"),
        ("taobao", "u,i,c,pv,-5", ">= 0 - at `$.ts`"),
        ("taobao", "u,i,c,pv,nan", "timestamp is not a number: 'nan'"),
        ("taobao", "u,i,c,pv,1e999", "timestamp is not a number: '1e999'"),
        ("taobao", "u,i,c,pv,99999999999", "ahead of the reader's clock"),
        ("taobao", f"{'u' * 129},i,c,pv,1500000000", "length <= 128 - at `$.user_id`"),
        ("taobao", "u,i\x7fx,c,pv,1500000000", "cannot be printed"),
        (
            "retailrocket",
            "1500000000000,7,look,11,",
            "event is one of view, addtocart, transaction; got 'look'",
        ),
        ("rees46", "14 July,view,i,1,c,b,1,u,s", "Invalid isoformat string: '14 July'"),
        ("rees46", "2017-07-14 02:40:00 UTC,view,i,1,c,b,dear,u,s", "price is not a number: 'dear'"),
        ("yoochoose", "1,yesterday,11,0", "Invalid isoformat string: 'yesterday'"),
        ("tianchi", "u,i,5,,c,2017-07-14 10", "behavior_type is one of 1, 2, 3, 4; got '5'"),
        ("movielens", "1::20::high::1500000000", "rating is not a number: 'high'"),
        ("otto", '{"session": 1', "Input data was truncated"),
        (
            "otto",
            '{"session": 1, "events": [{"aid": 1, "ts": 1, "type": "sighs"}]}',
            "type is one of clicks, carts",
        ),
        ("otto", "7", "Expected `object`, got `int`"),
        ("events", '{"topic": "dreams", "value": {}}', "topic is one of clicks, carts"),
        ("events", '{"topic": "clicks", "value": {"event_id": "e"}}', "missing required field `user_id`"),
        ("events", '{"value": {}}', "missing required field `topic`"),
    ],
)
def test_a_bad_line_is_reported_by_number_and_skipped(tmp_path, said, name, line, reason):
    path = tmp_path / "file"
    first = {"otto": "1", "events": "1", "movielens": "user::item"}.get(name, "header")
    path.write_text(f"{first}\n\n{line}\n")

    assert events(name, path, said) == []
    assert said[-1].startswith("line 3: ") and reason in said[-1] and repr(line[:50])[1:-1] in said[-1]


def test_lines_around_a_bad_one_are_read(tmp_path, said):
    path = tmp_path / "file"
    path.write_text(f"{GOOD}\nbroken 1\n{GOOD}\n")

    assert events("taobao", path, said) == ["taobao:1", "taobao:3"]
    assert len(said) == 1


def test_more_bad_lines_than_the_limit_are_an_error_that_names_the_last(tmp_path, said):
    path = tmp_path / "file"
    path.write_text("1 is bad\n" * 4)

    with pytest.raises(TooManyBadLines, match=r"more than 3 lines .* the last: line 4: no item_id"):
        events("taobao", path, said, most_bad=3)
    assert [sentence.split(":")[0] for sentence in said] == ["line 1", "line 2", "line 3"]


@pytest.mark.parametrize("lines", [10, 5_000])
def test_a_limit_takes_the_earliest_wherever_they_lie(tmp_path, said, lines):
    path = tmp_path / "file"
    path.write_text("".join(f"u{n},i,c,pv,{1_500_000_000 + lines - n // 2}\n" for n in range(lines)))

    assert events("taobao", path, said, limit=3) == [
        f"taobao:{lines - 1}",
        f"taobao:{lines}",
        f"taobao:{lines - 3}",
    ]


def test_ordered_files_are_streamed(tmp_path, said):
    path = tmp_path / "file"
    path.write_text(
        '{"topic": "clicks", "value": {"event_id": "e", "user_id": "u", "ts": 5, "item_id": "i"}}\nbad\n'
    )
    records = read("events", path, report=said.append)

    next(records)

    assert said == []
    assert list(records) == [] and len(said) == 1


@pytest.mark.parametrize(("strays", "kept"), [(1, 100), (2, 102)])
def test_only_rare_events_outside_the_days_of_the_data_set_are_errors(tmp_path, said, strays, kept):
    inside, outside = DAYS_MS[0] // 1000, DAYS_MS[0] // 1000 - 1
    path = tmp_path / "file"
    path.write_text(f"u,i,c,pv,{inside}\n" * 100 + f"u,i,c,pv,{outside}\n" * strays)

    assert len(events("taobao", path, said)) == kept
    assert len(said) == (kept == 100)


def test_without_days_nothing_is_left_out():
    assert list(in_time_order([], most=None, days_ms=None, report=pytest.fail)) == []
