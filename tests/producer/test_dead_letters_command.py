"""`freshet dead-letters`: each shown with exactly what was wrong, and sent again as it was."""

import threading
import time

import pytest

from freshet.cli import main
from freshet.contract.dead_letters import DeadLetter, pack_dead_letter
from freshet.dead_letter_log import read_letters
from freshet.delivery import Delivery

pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)
LETTERS = [
    DeadLetter(
        reason="clicks: Expected `str` of length >= 1 - at `$.item_id`",
        topic="clicks",
        partition=1,
        offset=7,
        key=b"u1",
        value=b'{"item_id": ""}',
        refused_ms=1_764_000_000_000,
    ),
    DeadLetter(
        reason="carts: not JSON: invalid utf-8",
        topic="carts",
        partition=0,
        offset=8,
        key=b"\xff\x00",
        value=b"\xfe" * 200,
        refused_ms=1_764_000_001_000,
    ),
    DeadLetter(
        reason="clicks: not JSON", topic="clicks", partition=0, offset=9, key=b"u2", value=None, refused_ms=0
    ),
    DeadLetter(
        reason="ts is 900 s ahead of the reader's clock",
        topic="searches",
        partition=0,
        offset=3,
        key=None,
        value=b'{"ts": 9}',
        refused_ms=0,
    ),
    DeadLetter(
        reason="nothing in it", topic="clicks", partition=0, offset=4, key=None, value=None, refused_ms=0
    ),
]


def refuse(log, letters):
    with Delivery(log.settings.bootstrap) as delivery:
        for letter in letters:
            delivery.send(f"{log.settings.prefix}freshet.dead-letters", None, pack_dead_letter(letter))


@pytest.fixture
def refused(log, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    refuse(log, LETTERS)
    return log


def test_the_log_is_read_from_its_beginning_past_what_is_no_dead_letter(refused):
    with Delivery(refused.settings.bootstrap) as delivery:
        delivery.send(f"{refused.settings.prefix}freshet.dead-letters", None, b"hello")

    assert list(read_letters(refused.settings)) == LETTERS
    assert list(read_letters(refused.settings)) == LETTERS


def test_a_list_shows_where_each_lay_and_what_was_wrong(refused, capsys):
    assert main(["dead-letters", "list", *refused.overrides]) == 0

    shown = capsys.readouterr().out
    for part in (
        "2025-11-24 16:00:00",
        "clicks[1]@7",
        "u1",
        "clicks: Expected `str` of length >= 1 - at `$.item_id`",
        '{"item_id": ""}',
        r"\xff",
        r"\xfe\xfe",
        "(200 bytes)",
        "5 of 5 dead letters",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("arguments", "places", "count"),
    [
        (["--topic", "clicks"], ["clicks[1]@7", "clicks[0]@9", "clicks[0]@4"], "3 of 3"),
        (["--reason", "NOT json"], ["carts[0]@8", "clicks[0]@9"], "2 of 2"),
        (["--limit", "2"], ["searches[0]@3", "clicks[0]@4"], "2 of 5"),
        (["--topic", "ratings"], [], "0 of 0"),
    ],
)
def test_a_list_can_be_of_some(refused, capsys, arguments, places, count):
    assert main(["dead-letters", "list", *arguments, *refused.overrides]) == 0

    shown = capsys.readouterr().out
    every = [f"{letter.topic}[{letter.partition}]@{letter.offset}" for letter in LETTERS]
    assert [place for place in every if place in shown] == places
    assert f"{count} dead letters" in shown


def test_replaying_sends_the_same_bytes_to_the_same_topic(refused, capsys):
    assert main(["dead-letters", "replay", *refused.overrides]) == 0

    clicks = [(message.key, message.value) for message in refused.messages("clicks")]
    assert sorted(clicks, key=lambda pair: pair[0]) == [(b"u1", b'{"item_id": ""}'), (b"u2", None)]
    assert [(m.key, m.value) for m in refused.messages("carts")] == [(b"\xff\x00", b"\xfe" * 200)]
    assert [(m.key, m.value) for m in refused.messages("searches")] == [(None, b'{"ts": 9}')]
    assert capsys.readouterr().out == (
        "4 dead letters sent again: carts 1, clicks 2, searches 1; 1 were empty\n"
    )


def test_a_replay_can_be_of_some_and_dry(refused, capsys):
    arguments = ["--reason", "ahead of the reader's clock", "--dry-run"]
    assert main(["dead-letters", "replay", *arguments, *refused.overrides]) == 0

    assert capsys.readouterr().out == "1 dead letters would be sent again: searches 1\n"
    assert refused.messages("searches") == []


def test_following_goes_on_with_those_to_come(log):
    letters = read_letters(log.settings, follow=True)
    later = threading.Timer(1.0, refuse, (log, LETTERS[:2]))
    later.start()
    begin = time.monotonic()

    assert [next(letters), next(letters)] == LETTERS[:2]
    assert time.monotonic() - begin > 0.5
    letters.close()
    later.join()


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["--set", "kafka.bootstrap=127.0.0.1:1"], "no Kafka at 127.0.0.1:1"),
        (["--set", "kafka.prefix=nothing-here."], "has no topic nothing-here.freshet.dead-letters"),
    ],
)
def test_no_broker_and_no_topic_are_said(log, capsys, overrides, said):
    assert main(["dead-letters", "list", *log.overrides, *overrides]) == 2

    assert said in capsys.readouterr().err
