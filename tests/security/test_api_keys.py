"""API keys: what is kept of them, who comes in, and how a change reaches a running API."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from chromium import needs_chromium, seen
from shop import wait_for

from freshet.cli import main
from freshet.local import LocalStack
from freshet.security.api_keys import (
    ApiKey,
    KeyFileError,
    Scope,
    find,
    new_key,
    read_keys,
    write_keys,
)
from freshet.settings import Api
from serving.door import LOOK_S, Door
from serving.problem import Problem

ADD = ["keys", "add", "--name", "shop", "--scopes", "read,events"]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def keys(path: Path, *arguments: str) -> list[str]:
    return ["keys", "--set", f"api.keys_file={path}", *arguments]


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Locked:
    """A door over a file with one key, and a clock that the test moves."""

    def __init__(self, path: Path, *scopes: Scope, rate: float = 0) -> None:
        self.path, self.clock = path, Clock()
        self.key, self.kept = new_key("shop", scopes, rate)
        write_keys(path, [self.kept])
        self.door = Door(path, self.clock)

    def status(self, key: str, scope: Scope = "read") -> int:
        try:
            self.door.enter(f"Bearer {key}", scope)
        except Problem as problem:
            return problem.status
        return 200

    def wait(self, seconds: float = LOOK_S) -> None:
        self.clock.now_s += seconds


def test_the_key_is_shown_once_and_kept_as_a_salted_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "keys.json"
    assert main([*keys(path), *ADD[1:]]) == main([*keys(path), *ADD[1:]]) == 0
    shown = capsys.readouterr().out.split()
    text = path.read_text()
    assert main(keys(path, "list")) == 0
    listed = capsys.readouterr().out

    kept = read_keys(path)
    secrets = [key.split("_", 2)[2] for key in shown]  # a secret may hold "_" itself
    assert [find(kept, key) for key in shown] == kept
    assert len({key.salt for key in kept}) == 2
    assert not any(secret in text + listed for secret in secrets)
    assert all(key.id in listed for key in kept)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_that_is_not_exactly_one_of_ours_opens_nothing() -> None:
    key, kept = new_key("shop", ["read"])
    other, _ = new_key("shop", ["read"])
    wrong = [key[:-1], key + "A", key.upper(), key[:12] + other[12:], other, "", "fr__", key + "\n", "\ud800"]

    assert find([kept], key) is kept
    assert [find([kept], presented) for presented in wrong] == [None] * len(wrong)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param('{"keys": [', "is not a key file: Input data was truncated", id="half-written"),
        pytest.param('{"keys": [{}]}', "is not a key file: .* - at `\\$.keys\\[0\\]`", id="empty-key"),
        pytest.param(
            '{"version": 2, "keys": []}', "is not a key file: Invalid enum value 2", id="other-version"
        ),
        pytest.param(None, "cannot be read: No such file", id="absent"),
    ],
)
def test_a_file_that_is_none_says_so(text: str | None, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(KeyFileError, match=sentence):
        read_keys(path)


def test_scopes_are_exact(tmp_path: Path) -> None:
    shop = Locked(tmp_path / "keys.json", "events", "admin")

    assert [shop.status(shop.key, scope) for scope in ("read", "events", "admin")] == [403, 200, 200]


def test_a_revoked_key_is_refused_and_a_new_one_opens_without_a_restart(tmp_path: Path) -> None:
    shop = Locked(tmp_path / "keys.json", "read")
    assert shop.status(shop.key) == 200
    new, kept = new_key("shop", ["read"])
    write_keys(shop.path, [shop.kept, kept])
    assert shop.status(new) == 401  # not looked at yet
    shop.wait()
    assert (shop.status(new), shop.status(shop.key)) == (200, 200)
    write_keys(shop.path, [kept])
    shop.wait()

    assert (shop.status(new), shop.status(shop.key)) == (200, 401)


def test_a_broken_file_changes_nothing_and_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shop = Locked(tmp_path / "keys.json", "read")
    shop.path.write_text('{"keys": [')
    shop.wait()

    assert shop.status(shop.key) == 200
    assert "is not a key file" in caplog.text and "stay in force" in caplog.text


def test_wrong_keys_are_not_remembered(tmp_path: Path) -> None:
    shop = Locked(tmp_path / "keys.json", "read")
    shop.status(shop.key)
    for n in range(1_000):
        shop.status(f"{shop.key[:-4]}{n:04}")

    assert len(shop.door._known) == 1


def test_a_key_passes_at_its_rate_and_is_told_when_to_come_again(tmp_path: Path) -> None:
    shop = Locked(tmp_path / "keys.json", "read", rate=4)
    first = dict(shop.door.enter(f"Bearer {shop.key}", "read"))
    passed = [shop.status(shop.key) for _ in range(5)]
    with pytest.raises(Problem) as refused:
        shop.door.enter(f"bearer  {shop.key}", "read")  # another spelling is no other key
    shop.wait(1.0)

    assert first == {"ratelimit-limit": "4", "ratelimit-remaining": "3", "ratelimit-reset": "1"}
    assert passed == [200, 200, 200, 429, 429]
    assert dict(refused.value.headers)["retry-after"] == "1"
    assert "may ask 4 times a second" in refused.value.detail
    assert [shop.status(shop.key) for _ in range(5)] == [200, 200, 200, 200, 429]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_without_keys_another_address_is_refused(host: str) -> None:
    command = [sys.executable, "-m", "freshet.cli", "api", "--set", f"api.host={host}"]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 2
    assert f"without API keys it listens on this machine only, and {host} is open to others" in ended.stderr
    assert "freshet keys add --name shop --scopes read,events" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_key_file_without_a_key_stops_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "keys.json"
    absent = main(["api", "--set", f"api.keys_file={path}"])
    write_keys(path, [])
    empty = main(["api", "--set", f"api.keys_file={path}"])

    assert (absent, empty) == (2, 2)
    told = capsys.readouterr().err
    assert "cannot be read: No such file" in told and "holds no key" in told


@needs_chromium
@pytest.mark.timeout(120)
def test_the_dashboard_says_that_a_key_is_asked_for(stack: LocalStack, tmp_path: Path, make_api: Any) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, [new_key("shop", ["read"])[1]])
    with make_api(stack, tmp_path, f"api.keys_file={path}") as api:
        html = seen(f"http://127.0.0.1:{api.port}/#u1", tmp_path / "home")

    assert "this call needs an API key, as the header Authorization: Bearer fr_…</span>" in html
    assert '<input id="key" type="password" autocomplete="off"' in html


@pytest.mark.timeout(120)
def test_over_http(stack: LocalStack, tmp_path: Path, make_api: Any) -> None:
    """One process with keys: every kind of answer, the headers, and a key revoked by the command."""
    path = tmp_path / "keys.json"
    (read, kept), (admin, other) = (
        new_key("shop", ["read"], rate_per_s=3),
        new_key("ops", ["admin"], rate_per_s=0),
    )
    write_keys(path, [kept, other])
    with make_api(stack, tmp_path, f"api.keys_file={path}", "api.cors_origins=https://shop.example") as api:
        target = "/v1/trending"
        api.redis.hset(api.keys.tops(0), "", b"\x90")
        nobody, stranger = api.ask(target), api.ask(target, headers=bearer("fr_00000000_" + "x" * 43))
        basic, lacking = (
            api.ask(target, headers={"Authorization": f"Basic {read}"}),
            api.ask(target, headers=bearer(admin)),
        )
        events = api.ask("/v1/events", "POST", {"topic": "clicks", "value": {}}, headers=bearer(read))
        shown = [api.ask(target, headers=bearer(read)) for _ in range(4)]
        free = [
            api.ask(open_to_all).status
            for open_to_all in ("/healthz", "/metrics", "/", "/docs", "/openapi.json")
        ]
        page = api.ask("/healthz", headers={"Origin": "https://shop.example"}).headers
        foreign = api.ask("/healthz", headers={"Origin": "https://evil.example"}).headers
        preflight = api.ask(target, "OPTIONS", headers={"Origin": "https://shop.example"})
        before = api.ask("/v1/trending", headers=bearer(admin)).status
        main(keys(path, "revoke", other.id))
        wait_for("the key to be refused", lambda: api.ask(target, headers=bearer(admin)).status == 401, 5)
        log = api.service.log.read_text()

    assert [answer.status for answer in (nobody, stranger, basic, lacking, events)] == [
        401,
        401,
        401,
        403,
        403,
    ]
    for answer in (nobody, stranger, basic, lacking, events):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert lacking.json["detail"] == f"this call needs the scope read; the key {other.id} has admin"
    assert [answer.status for answer in shown] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in shown] == ["2", "1", "0", "0"]
    assert shown[3].headers["retry-after"] == "1"
    assert free == [200] * 5
    assert page["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in foreign and foreign["vary"] == "Origin"
    assert preflight.status == 204 and "authorization" in preflight.headers["access-control-allow-headers"]
    assert before == 403
    assert json.dumps([read, admin])[5:40] not in log and "Traceback" not in log


def test_every_kept_key_says_what_it_may() -> None:
    _, kept = new_key("shop", ["events", "read", "read"])

    assert kept.scopes == ("read", "events")
    assert isinstance(kept, ApiKey) and Api().keys_file == ""
