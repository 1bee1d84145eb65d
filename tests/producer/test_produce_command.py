"""`freshet produce` on a real broker: everything arrives, at the rate and dates asked for, and losses are told."""

import itertools
import json
import re
import time
from collections import Counter

import pytest

from freshet.cli import main

pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)
TAOBAO = "u1,i1,c1,pv,1500000003\nu1,i2,c2,cart,1500000001\nu2,i1,c1,buy,1500000005\n"


@pytest.fixture
def taobao(tmp_path):
    path = tmp_path / "taobao.csv"
    path.write_text(TAOBAO)
    return str(path)


def ids(messages):
    return [json.loads(message.value)["event_id"] for message in messages]


def test_a_file_arrives_with_its_catalogue(log, taobao, capsys):
    assert main(["produce", *log.overrides, "--format", "taobao", taobao]) == 0

    assert ids(log.messages("clicks")) == ["taobao:1"]
    assert ids(log.messages("carts")) == ["taobao:2"]
    assert ids(log.messages("purchases")) == ["taobao:3"]
    assert Counter(message.key for message in log.messages("items")) == {b"i1": 1, b"i2": 1}
    assert re.fullmatch(
        r"sent 3 events and 2 catalogue messages in \d+\.\d s: [\d,]+ events/s, all acknowledged\n",
        capsys.readouterr().out,
    )


def test_a_limit_is_of_events(log, taobao, capsys):
    assert main(["produce", *log.overrides, "--format", "taobao", taobao, "--limit", "1"]) == 0

    assert capsys.readouterr().out.startswith("sent 1 events and 1 catalogue messages")


def test_the_simulated_shop_can_be_sent(log, capsys):
    assert main(["produce", *log.overrides, "--simulate", "500"]) == 0

    topics = ("clicks", "carts", "purchases", "impressions", "ratings", "searches", "feedback")
    assert sum(len(log.messages(topic)) for topic in topics) == 500


def test_events_of_now_are_dated_at_their_sending_with_new_ids(log, taobao):
    before = int(time.time() * 1000)
    assert main(["produce", *log.overrides, "--format", "taobao", taobao, "--now", "--rate", "100"]) == 0
    after = int(time.time() * 1000)

    order = [json.loads(log.messages(topic)[0].value) for topic in ("carts", "clicks", "purchases")]
    dates = [event["ts"] for event in order]
    assert before <= dates[0] <= dates[1] <= dates[2] <= after
    assert all(later - earlier >= 8 for earlier, later in itertools.pairwise(dates))
    assert not {event["event_id"] for event in order} & {"taobao:1", "taobao:2", "taobao:3"}


def test_unknown_fields_of_our_own_format_are_sent(log, tmp_path):
    path = tmp_path / "events.jsonl"
    value = '{"event_id": "e", "user_id": "u", "ts": 5, "item_id": "i", "colour": "red"}'
    path.write_text(f'{{"topic": "clicks", "value": {value}}}\n')

    assert main(["produce", *log.overrides, "--format", "events", str(path)]) == 0

    assert [message.value.decode() for message in log.messages("clicks")] == [value]


def test_bad_lines_are_reported_and_the_rest_is_sent(log, tmp_path, capsys):
    path = tmp_path / "taobao.csv"
    path.write_text(TAOBAO + "u1,i1,c1,stare,1500000003\n")

    assert main(["produce", *log.overrides, "--format", "taobao", str(path)]) == 0

    said = capsys.readouterr()
    assert "line 4: behavior is one of pv, cart, fav, buy; got 'stare'" in said.err
    assert said.out.startswith("sent 3 events")


def test_a_loss_is_told_and_the_exit_status_is_one(log, taobao, capsys, monkeypatch):
    from freshet import producer

    whole = producer.Delivery
    monkeypatch.setattr(producer, "Delivery", lambda *args, **more: whole(*args, **{**more, "delivery_s": 2}))
    monkeypatch.setattr("freshet.cli.produce.open_source", open_then_freeze(log))
    assert main(["produce", *log.overrides, "--format", "taobao", taobao]) == 1

    said = capsys.readouterr()
    assert re.search(r"stopped after 6 events, 5 messages lost: not acknowledged by topic", said.err)
    assert said.out == ""


def open_then_freeze(log):
    """The source whose last record comes when the broker answers no more."""
    from freshet.datasets.source import open_source

    def opened(args, report):
        source = open_source(args, report)
        return source._replace(records=frozen_during(list(source.records)))

    def frozen_during(records):
        yield from records
        time.sleep(1)  # these are acknowledged
        with log.frozen():
            yield from records
            time.sleep(4)

    return opened


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--format F PATH or --simulate N is needed; formats: taobao, retailrocket"),
        (["--format", "taobao"], "--format taobao needs the PATH of a file"),
        (["--format", "taobao", "nowhere.csv"], "there is no file nowhere.csv"),
        (["--format", "simulate"], "the simulated shop never closes: --limit N or --simulate N is needed"),
        (["--simulate", "5", "--rate", "0"], "--rate takes events a second, more than 0; got 0"),
    ],
)
def test_wrong_usage_is_said_with_exit_status_two(arguments, said, capsys):
    assert main(["produce", *arguments]) == 2

    assert capsys.readouterr().err.startswith(f"freshet produce: {said}")


def test_too_many_bad_lines_end_it_with_exit_status_two(log, tmp_path, capsys):
    path = tmp_path / "rees46.csv"
    path.write_text("1\n" * 3)

    assert main(["produce", *log.overrides, "--format", "rees46", str(path), "--bad-lines", "2"]) == 2

    assert "more than 2 lines cannot be read; the last: line 3" in capsys.readouterr().err
