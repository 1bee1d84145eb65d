"""API keys: made here, shown once, kept as salted hashes in one file (docs/decisions/0005-api-keys-in-a-file.md)."""

import os
import re
import secrets
import time
from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct

Scope = Literal["read", "events", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""read: lookups. events: POST /v1/events. admin: erasing a shopper. None holds another."""

SECRET_BYTES = (
    32  # 256 random bits cannot be guessed, so a fast hash keeps them: no scrypt for a flood to call for
)
SALT_BYTES = 16
RATE_PER_S = 1_000.0  # requests of one key in one process, unless it was made with another rate

_FORM = re.compile(r"fr_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")


class KeyFileError(ValueError):
    """A key file that cannot be read. Its text says which and why, never what is in it."""


class ApiKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of one key. id: its public part. hash: SHA-256 of salt and secret. rate_per_s: 0 for no limit."""

    id: Annotated[str, Meta(pattern="^[0-9a-f]{8}$")]
    name: Annotated[str, Meta(min_length=1, max_length=64)]
    scopes: tuple[Scope, ...]
    salt: bytes
    hash: bytes
    rate_per_s: Annotated[float, Meta(ge=0)] = RATE_PER_S
    made_ms: int

    def opens(self, secret: str) -> bool:
        """Whether this is its secret, in a time that does not tell how much of it was right."""
        return compare_digest(_hash(self.salt, secret), self.hash)


class KeyFile(Struct, frozen=True, forbid_unknown_fields=True):
    keys: list[ApiKey] = []
    version: Literal[1] = 1


def new_key(name: str, scopes: Sequence[Scope], rate_per_s: float = RATE_PER_S) -> tuple[str, ApiKey]:
    """(the key as its holder sends it, what is kept of it)."""
    key_id, secret, salt = secrets.token_hex(4), secrets.token_urlsafe(SECRET_BYTES), os.urandom(SALT_BYTES)
    kept = ApiKey(
        id=key_id,
        name=name,
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        salt=salt,
        hash=_hash(salt, secret),
        rate_per_s=rate_per_s,
        made_ms=time.time_ns() // 1_000_000,
    )
    return f"fr_{key_id}_{secret}", kept


def find(keys: Sequence[ApiKey], presented: str) -> ApiKey | None:
    """The key that was presented; None where it is none of these."""
    form = _FORM.fullmatch(presented)
    if form is None:
        return None
    return next((key for key in keys if key.id == form[1] and key.opens(form[2])), None)


def read_keys(path: Path) -> list[ApiKey]:
    """Those in a file; KeyFileError where it is not there, cannot be read or is not a whole key file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=KeyFile).keys
    except OSError as error:
        raise KeyFileError(f"the key file {path} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise KeyFileError(f"{path} is not a key file: {error}") from None


def write_keys(path: Path, keys: Sequence[ApiKey]) -> None:
    """Put them in place of the file in one step, readable by its owner alone: a reader sees all of it or the former."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    data = msgspec.json.format(msgspec.json.encode(KeyFile(list(keys))))
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _hash(salt: bytes, secret: str) -> bytes:
    return sha256(salt + secret.encode()).digest()
