"""Whether the encoder that serves, and the one that shall, are whole on this machine."""

from collections.abc import Iterator
from pathlib import Path

from redis.exceptions import RedisError

from freshet.contract.keys import Keys
from freshet.doctor.finding import Finding, Grade
from freshet.doctor.redis import ANSWER_S
from freshet.registry import NO_ENCODER, Registry
from freshet.security.connections import connect_redis
from freshet.settings import SettingError, Settings
from online_model.encoder.artifact import ArtifactError, load_artifact


def encoder(settings: Settings) -> Iterator[Finding]:
    """Nothing without Redis, which names them."""
    try:
        client = connect_redis(settings.redis, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S)
        registry = Registry(Path(settings.refresh.models_dir), client, Keys.of(settings))
        named = {field: registry.named(field) for field in ("live", "wanted")}
        client.close()
    except (RedisError, SettingError):
        return
    versions = {
        version: field for field, version in reversed(named.items()) if version not in ("", NO_ENCODER)
    }
    for version, field in versions.items():
        try:
            load_artifact(registry.folder(version))
        except ArtifactError as error:
            do = "put its folder back, or name another: `freshet models list`, `promote`; see refresh.models_dir"
            yield Finding(Grade.WRONG, "encoder", f"{field} {version}: {error}", do)
        else:
            yield Finding(Grade.GOOD, "encoder", f"{field} {version} is whole")
    if not versions:
        yield Finding(Grade.GOOD, "encoder", "none yet: there is one after the first refresh")
