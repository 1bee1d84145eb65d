"""With a key, no id of a shopper passes the door: neither Kafka nor Redis nor a log holds it."""

import time
from pathlib import Path

import pytest
from lookups import Api
from shop import Shop, wait_for

from freshet.contract.partitioner import partition_of
from freshet.local import LocalStack
from freshet.producer import Producer
from freshet.security.pseudonyms import Pseudonyms, front_keys, pseudonyms_of
from freshet.settings import SettingError, load

KEY = "a key of sixteen characters or more"


@pytest.mark.timeout(200)
def test_only_the_door_knows_the_id(
    shop: Shop, stack: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRESHET_PRIVACY__PSEUDONYM_KEY", KEY)
    pseudonyms = Pseudonyms(KEY)
    event = {
        "event_id": "e1",
        "user_id": "ann@example.org",
        "item_id": "i1",
        "ts": int(time.time() * 1000),
        "more": [1],
    }
    worker = shop.worker()
    with worker, Api(stack, tmp_path, *shop.overrides, "redis.prefix=fr", "kafka.item_partitions=1") as api:
        with Producer.of(shop.settings.kafka, pseudonyms=pseudonyms) as producer:
            producer.send("clicks", event)
        posted = api.ask(
            "/v1/events", "POST", {"topic": "clicks", "value": {**event, "event_id": "e2", "item_id": "i2"}}
        )
        target = "/v1/users/ann%40example.org"
        found = wait_for(
            "both events", lambda: (a := api.ask(target)).status == 200 and len(a.json["history"]) == 2 and a
        )
        listed = api.ask(target + "/recommendations").json
        sent = shop.messages("clicks")
        kept = shop.redis.keys("*")
        erased = api.ask(target, "DELETE")
        wait_for("nothing", lambda: api.ask(target).status == 404)
        log = worker.log.read_text() + api.service.log.read_text()

    assert (posted.status, erased.status) == (202, 202)
    assert found.json["user_id"] == listed["user_id"] == "ann@example.org"
    assert [m.key.decode() for m in sent] == [pseudonyms.of("ann@example.org")] * 2
    assert all(b"ann@" not in m.value and b'"more":[1]' in m.value for m in sent)
    assert kept and not any(b"ann@" in key for key in kept)
    assert "ann@" not in log


def test_a_key_decides_and_is_told_nowhere() -> None:
    one, same, other = Pseudonyms(KEY), Pseudonyms(KEY), Pseudonyms(KEY + "!")

    assert one.of("u1") == same.of("u1") != other.of("u1")
    assert one.of("u1") != one.of("u2")
    settings = load(overrides=[f"privacy.pseudonym_key={KEY}"])
    assert front_keys(settings).profile("u1") == f"fr:u{{{partition_of(one.of('u1'), 4)}}}{one.of('u1')}"
    assert KEY not in str(settings)
    assert pseudonyms_of(load().privacy) is None
    assert front_keys(load()).profile("u1") == "fr:u{0}u1"


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("privacy.pseudonym_key=short", "takes 16 characters or more"),
        ("privacy.pseudonym_key_file=/nowhere", "privacy.pseudonym_key_file cannot be read"),
    ],
)
def test_a_key_that_protects_nobody_stops_the_start(override: str, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        front_keys(load(overrides=[override]))
