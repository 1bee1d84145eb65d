"""The encoders that there are, and which one serves: folders on disk, and three names in Redis."""

import re
import shutil
from pathlib import Path

import redis

from freshet.contract.keys import Keys
from online_model.encoder.artifact import ArtifactError, Manifest, load_artifact, read_manifest

_VERSION = re.compile(r"^\d{8}T\d{6}-[0-9a-f]{8}$")
NO_ENCODER = "none"  # serves before the first refresh


class RegistryError(Exception):
    """A version that cannot be had; the text says which and what to do."""


class Registry:
    """models_dir: one folder a version. In Redis: `live` serves, written by the learner alone; `wanted` is what it
    shall switch to, once its heads have caught up; `previous` served before."""

    def __init__(self, models_dir: Path, client: redis.Redis, keys: Keys) -> None:
        self._dir, self._redis, self._keys = models_dir, client, keys

    def folder(self, version: str) -> Path:
        return self._dir / version

    def manifests(self) -> list[Manifest]:
        """Of all whole artifacts, newest first."""
        if not self._dir.is_dir():
            return []
        found = []
        for folder in sorted(self._dir.iterdir(), reverse=True):
            if _VERSION.match(folder.name):
                try:
                    found.append(read_manifest(folder))
                except ArtifactError:
                    continue  # `show` tells what is wrong with it
        return found

    def named(self, field: str) -> str:
        """The version in a field of the model hash: live, wanted or previous; "" where there is none."""
        value = self._redis.hget(self._keys.model(), field)
        return value.decode() if isinstance(value, bytes) else ""

    def promote(self, version: str) -> None:
        """Ask the learner to switch. RegistryError when the version is not whole: what serves stays."""
        if version != NO_ENCODER:
            try:
                load_artifact(self.folder(version))
            except ArtifactError as error:
                raise RegistryError(
                    f"{version} is not promoted: {error}; see `freshet models list`"
                ) from None
        self._redis.hset(self._keys.model(), "wanted", version)

    def rollback(self) -> str:
        """Ask for the version that served before this one; its name."""
        previous = self.named("previous")
        if not previous:
            raise RegistryError("nothing served before the live encoder: there is nothing to go back to")
        self.promote(previous)
        return previous

    def prune(self, keep: int) -> list[str]:
        """Delete all but the newest `keep`, never one that is live, wanted or previous; the names deleted."""
        held = {self.named(field) for field in ("live", "wanted", "previous")}
        old = [m.version for m in self.manifests()[keep:] if m.version not in held]
        for version in old:
            shutil.rmtree(self.folder(version))
            self._redis.delete(self._keys.heads(version))
        return old
