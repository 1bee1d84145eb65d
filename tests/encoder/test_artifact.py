"""An artifact is whole, as it was written, or an error that says what is wrong with it."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import redis

from freshet.contract.keys import Keys
from freshet.registry import Registry, RegistryError
from freshet.settings import load
from online_model.actions import Description
from online_model.encoder.artifact import ArtifactError, Manifest, load_artifact, write_artifact
from online_model.encoder.described import described
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.weights import Weights, blank, from_named

SETTINGS = EncoderSettings(dim=4, hidden=3, id_buckets=8, category_buckets=4, word_buckets=2)
KNOWN = described([Description("i", "a/b", 3.0, brand="Acme"), Description("j", embedding=(1.0, 2.0))])


def weights(seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    arrays = blank(SETTINGS, tasks=1).named()
    return from_named({k: rng.normal(size=a.shape).astype(np.float32) for k, a in arrays.items()}, SETTINGS)


def manifest(version: str) -> Manifest:
    return Manifest(
        version=version,
        tasks=("click",),
        settings=SETTINGS,
        first_offset=3,
        next_offset=9,
        sources=[(0, 1, 17)],
        examples=40,
        created_s=1.5,
        metrics={"loss": 1.0, "live_loss": 2.0},
        sha256={},
    )


def written(
    folder: Path,
    version: str = "20260101T000000-0000000a",
    said: Manifest | None = None,
    holds: Weights | None = None,
) -> Path:
    write_artifact(folder / version, said or manifest(version), holds or weights(), b"heads", KNOWN)
    return folder / version


def test_what_is_loaded_is_what_was_written(tmp_path: Path) -> None:
    artifact = load_artifact(written(tmp_path))

    expected = weights().named()
    assert artifact.encoder.weights.named().keys() == expected.keys()
    assert all(np.array_equal(a, expected[name]) for name, a in artifact.encoder.weights.named().items())
    assert artifact.encoder.known.keys.tolist() == KNOWN.keys.tolist()
    for read, written_ in zip(artifact.encoder.known.facts, KNOWN.facts, strict=True):
        np.testing.assert_array_equal(read, written_)
    assert artifact.heads == b"heads"
    assert msgspec.structs.replace(artifact.manifest, sha256={}) == manifest(artifact.encoder.version)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda f: (f / "manifest.json").unlink(), "manifest.json is missing"),
        (lambda f: (f / "heads.bin").unlink(), "heads.bin is missing"),
        (lambda f: (f / "known.safetensors").unlink(), "known.safetensors is missing"),
        (lambda f: (f / "heads.bin").write_bytes(b"other"), "SHA-256 differs"),
        (lambda f: (f / "encoder.safetensors").write_bytes(b""), "SHA-256 differs"),
        (lambda f: (f / "manifest.json").write_text("{"), "cannot be read"),
        (
            lambda f: (f / "manifest.json").write_text(
                (f / "manifest.json").read_text().replace('"format": 3', '"format": 2')
            ),
            "format 2, this build reads 3: run a refresh",
        ),
    ],
)
def test_anything_less_is_an_error_that_says_what(
    tmp_path: Path, harm: Callable[[Path], object], said: str
) -> None:
    folder = written(tmp_path)
    harm(folder)

    with pytest.raises(ArtifactError, match=said):
        load_artifact(folder)


def test_nothing_half_written_is_in_place(tmp_path: Path) -> None:
    written(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["20260101T000000-0000000a"]
    with pytest.raises(FileExistsError):
        written(tmp_path)


def test_the_registry_promotes_whole_ones_rolls_back_and_keeps_those_in_use(
    tmp_path: Path, redis_url: str
) -> None:
    versions = [f"2026010{day}T000000-0000000a" for day in range(1, 6)]
    for version in versions:
        written(tmp_path, version)
    with redis.Redis.from_url(redis_url) as client:
        keys = Keys.of(load())
        registry = Registry(tmp_path, client, keys)
        with pytest.raises(RegistryError, match="nothing served before"):
            registry.rollback()
        registry.promote(versions[4])
        client.hset(keys.model(), mapping={"live": versions[4], "previous": versions[0]})
        (tmp_path / versions[3] / "heads.bin").unlink()

        with pytest.raises(RegistryError, match=r"heads.bin is missing"):
            registry.promote(versions[3])
        assert registry.named("wanted") == versions[4]
        assert registry.rollback() == versions[0] == registry.named("wanted")
        assert registry.prune(keep=2) == [versions[2], versions[1]]
        assert [m.version for m in registry.manifests()] == [versions[4], versions[3], versions[0]]
