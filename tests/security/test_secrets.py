"""Secrets reach the clients that need them and show nowhere else."""

import logging
import pickle
from pathlib import Path

import msgspec
import pytest

from freshet.cli import main
from freshet.security.connections import kafka_options, redis_options
from freshet.security.secret import Secret
from freshet.settings import SettingError, Settings, load

WORDS = ("kafka-swordfish", "redis-swordfish", "url-swordfish")
ENV = {
    "FRESHET_KAFKA__SECURITY_PROTOCOL": "SASL_PLAINTEXT",
    "FRESHET_KAFKA__SASL_USERNAME": "shop",
    "FRESHET_KAFKA__SASL_PASSWORD": WORDS[0],
    "FRESHET_REDIS__USERNAME": "shop",
    "FRESHET_REDIS__PASSWORD": WORDS[1],
    "FRESHET_REDIS__URL": f"redis://shop:{WORDS[2]}@127.0.0.1:6379/0",
}


@pytest.fixture
def settings() -> Settings:
    return load(env=ENV)


def test_config_shows_no_secret(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    assert main(["config"]) == 0

    shown = capsys.readouterr().out
    assert not any(word in shown for word in WORDS)
    assert "kafka.sasl_password = ***\n" in shown and "redis.password = ***\n" in shown
    assert "redis.url = redis://shop:***@127.0.0.1:6379/0\n" in shown
    assert "kafka.sasl_username = shop\n" in shown


def test_neither_words_nor_logs_tell_a_secret(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("x").error("%s %r %s", settings, settings.redis, [settings.kafka.sasl_password])

    told = caplog.text + str(settings) + f"{settings.kafka!r}"
    assert WORDS[0] not in told and WORDS[1] not in told
    assert "***" in told
    with pytest.raises(TypeError):
        msgspec.json.encode(settings.redis)


def test_clients_get_them(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from-a-file\n")
    filed = load(
        overrides=[
            f"redis.password_file={file}",
            f"kafka.sasl_password_file={file}",
            "kafka.security_protocol=SASL_PLAINTEXT",
            "kafka.sasl_username=shop",
            "kafka.sasl_mechanism=SCRAM-SHA-512",
        ]
    )

    assert kafka_options(settings.kafka) == {
        "bootstrap_servers": ["127.0.0.1:9092"],
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "shop",
        "sasl_plain_password": WORDS[0],
    }
    assert redis_options(settings.redis) == {"username": "shop", "password": WORDS[1]}
    assert redis_options(filed.redis) == {"password": "from-a-file"}
    assert kafka_options(filed.kafka)["sasl_plain_password"] == "from-a-file"
    assert kafka_options(filed.kafka)["sasl_mechanism"] == "SCRAM-SHA-512"
    assert kafka_options(Settings().kafka) == {"bootstrap_servers": ["127.0.0.1:9092"]}
    assert redis_options(Settings().redis) == {}


def test_a_secret_survives_the_way_to_a_child_process() -> None:
    assert pickle.loads(pickle.dumps(Secret("swordfish"))).reveal() == "swordfish"


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        pytest.param(
            ["kafka.security_protocol=SASL_SSL"], "SASL_SSL needs kafka.sasl_username", id="no-name-for-sasl"
        ),
        pytest.param(
            ["kafka.security_protocol=SSL", "kafka.ssl_ca_file=/nowhere/ca.pem"],
            r"kafka.ssl_\*_file cannot be used: .*No such file",
            id="no-authority",
        ),
        pytest.param(
            [
                "kafka.security_protocol=SASL_PLAINTEXT",
                "kafka.sasl_username=shop",
                "kafka.sasl_password_file=/nowhere",
            ],
            "the password file /nowhere cannot be read",
            id="no-password-file",
        ),
        pytest.param(
            ["redis.password=swordfish", "redis.password_file=/nowhere"],
            "redis.password and redis.password_file are both set",
            id="two-passwords",
        ),
        pytest.param(["redis.url=rediss://h:1", "redis.ssl_ca_file=/nowhere"], None, id="redis-py-tells-it"),
        pytest.param(
            ["kafka.security_protocol=TLS"], "kafka.security_protocol: Invalid enum value", id="no-such"
        ),
    ],
)
def test_what_is_missing_is_named_and_no_secret_with_it(overrides: list[str], sentence: str | None) -> None:
    if sentence is None:
        assert redis_options(load(overrides=overrides).redis) == {"ssl_ca_certs": "/nowhere"}
        return
    with pytest.raises(SettingError, match=sentence) as refused:
        settings = load(overrides=overrides)
        kafka_options(settings.kafka), redis_options(settings.redis)

    assert "swordfish" not in str(refused.value)


def test_a_secret_that_is_no_text_is_refused_untold(tmp_path: Path) -> None:
    file = tmp_path / "freshet.toml"
    file.write_text("[redis]\npassword = 31337\n")

    with pytest.raises(SettingError, match="Expected a text in quotes") as refused:
        load(file=file)

    assert "31337" not in str(refused.value)
