"""A trained encoder on disk: a folder that is either whole or not there, and that says what it is.

encoder.safetensors   the arrays of weights.Weights
known.safetensors     what the catalogue said of the items in the window (described.Described)
heads.bin             heads over this encoder (Heads.dump), with their place in the examples log in the manifest
manifest.json         version, tasks, settings, data window, metrics, SHA-256 of the three files
"""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import msgspec
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from online_model.encoder.compiled import CompiledEncoder
from online_model.encoder.described import NOTHING, Described
from online_model.encoder.settings import EncoderSettings
from online_model.encoder.weights import Weights, from_named
from online_model.item_facts import Facts

TENSORS, KNOWN, HEADS, MANIFEST = "encoder.safetensors", "known.safetensors", "heads.bin", "manifest.json"
FORMAT = 3


class ArtifactError(Exception):
    """A folder that is not a whole artifact; the text says which and what is wrong with it."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """first_offset, next_offset: the stretch of the examples log it was trained on; its heads have learned all
    before next_offset that is in the window. sources: (topic, partition, newest offset) of the events behind it.
    created_s: seconds since the epoch. metrics: of the newest slice, this encoder's beside the live one's.
    """

    version: str
    format: int = FORMAT
    tasks: tuple[str, ...]
    settings: EncoderSettings
    first_offset: int
    next_offset: int
    sources: list[tuple[int, int, int]]
    examples: int
    created_s: float
    metrics: dict[str, Any]
    sha256: dict[str, str]


class Artifact(msgspec.Struct, frozen=True):
    """A whole artifact in memory."""

    manifest: Manifest
    encoder: CompiledEncoder
    heads: bytes


def write_artifact(
    folder: Path, manifest: Manifest, weights: Weights, heads: bytes, known: Described = NOTHING
) -> None:
    """Write everything beside `folder` and rename it into place: nobody ever sees half of it.

    The manifest's sha256 is filled in here. FileExistsError when there is such an artifact already.
    """
    if folder.exists():
        raise FileExistsError(f"there is an artifact {folder} already")
    half = folder.with_name(f".{folder.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    save_file(weights.named(), half / TENSORS)
    save_file({"keys": known.keys, **known.facts._asdict()}, half / KNOWN)
    (half / HEADS).write_bytes(heads)
    sums = {name: _sha256(half / name) for name in (TENSORS, KNOWN, HEADS)}
    manifest = msgspec.structs.replace(manifest, sha256=sums)
    (half / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    half.rename(folder)


def read_manifest(folder: Path) -> Manifest:
    """What an artifact says of itself; ArtifactError where there is none, or of another format."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise ArtifactError(f"{folder} holds no encoder: {MANIFEST} is missing") from None
    except msgspec.MsgspecError as error:
        raise ArtifactError(f"{folder / MANIFEST} cannot be read: {error}") from None
    if manifest.format != FORMAT:
        raise ArtifactError(
            f"{folder} has format {manifest.format}, this build reads {FORMAT}: run a refresh"
        )
    return manifest


def load_artifact(folder: Path) -> Artifact:
    """The artifact, checked against its checksums; ArtifactError when anything is missing or different."""
    manifest = read_manifest(folder)
    for name in (TENSORS, KNOWN, HEADS):
        if not (folder / name).exists():
            raise ArtifactError(f"{folder} is half an encoder: {name} is missing")
        if _sha256(folder / name) != manifest.sha256.get(name):
            raise ArtifactError(
                f"{folder / name} is not what was written: its SHA-256 differs from the manifest's"
            )
    try:
        weights, told = from_named(load_file(folder / TENSORS), manifest.settings), load_file(folder / KNOWN)
        known = Described(told.pop("keys"), Facts(**told))
    except (SafetensorError, TypeError, KeyError) as error:
        raise ArtifactError(f"{folder / TENSORS} cannot be read: {error}") from None
    encoder = CompiledEncoder(manifest.version, manifest.tasks, manifest.settings, weights, known)
    return Artifact(manifest, encoder, (folder / HEADS).read_bytes())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
