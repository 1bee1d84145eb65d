"""Who comes in: API keys, their scopes and their rates."""

import logging
import math
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from os import urandom
from pathlib import Path

from freshet.security.api_keys import ApiKey, KeyFileError, Scope, find, read_keys
from serving.problem import Problem
from serving.routing import Headers

log = logging.getLogger(__name__)

LOOK_S = 0.5  # how often the file is looked at: a key that was revoked is refused within a second
BEARER = "Bearer "


class Bucket:
    """A token bucket: `rate` requests a second for long, a second's worth of them at once, and never less than one."""

    __slots__ = ("_at", "_left", "_limit", "_most", "_rate", "_reset")

    def __init__(self, rate: float, now_s: float) -> None:
        self._rate, self._most = rate, max(rate, 1.0)
        self._left, self._at = self._most, now_s
        self._limit = ("ratelimit-limit", str(int(self._most)))
        self._reset = ("ratelimit-reset", str(math.ceil(self._most / rate)))

    def take(self, now_s: float) -> Headers | None:
        """What a caller is told: its limit, what is left of it, and after how many seconds it is whole at the latest.
        None for a request too many, which takes nothing.

        >>> bucket = Bucket(2.0, now_s=0.0)
        >>> [told and told[1] for told in map(bucket.take, (0.0, 0.0, 0.0, 0.5))]
        [('ratelimit-remaining', '1'), ('ratelimit-remaining', '0'), None, ('ratelimit-remaining', '0')]
        """
        left = self._left + (now_s - self._at) * self._rate
        if left > self._most:
            left = self._most
        self._at = now_s
        if left < 1.0:
            self._left = left
            return None
        self._left = left = left - 1.0
        return self._limit, ("ratelimit-remaining", str(int(left))), self._reset

    def refused(self) -> Headers:
        """What a caller is told that came too soon."""
        wait_s = max(1, math.ceil((1.0 - self._left) / self._rate))
        return ("retry-after", str(wait_s)), self._limit, ("ratelimit-remaining", "0"), self._reset


class Visitor:
    """A key that has been verified. bucket: None for no limit."""

    __slots__ = ("bucket", "key", "scopes")

    def __init__(self, key: ApiKey, now_s: float) -> None:
        self.key, self.scopes = key, frozenset(key.scopes)
        self.bucket = Bucket(key.rate_per_s, now_s) if key.rate_per_s else None


class Door:
    """enter(authorization, scope) lets a request in or raises its Problem: 401, 403 or 429.

    A presented key is hashed with its salt when it is first seen; from then on it is known by a keyed digest, so
    that neither the key itself nor the time of a comparison is kept. Only keys that open are remembered.
    A file that is changed, or put in place of the former, is read again; one that cannot be read changes nothing.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._keys: Sequence[ApiKey] = read_keys(path)
        self._stamp = _stamp(path)
        self._look_at = clock() + LOOK_S
        self._mark = blake2b(key=urandom(32), digest_size=16)
        self._known: dict[bytes, Visitor] = {}

    def enter(self, authorization: str | None, scope: Scope) -> Headers:
        """The headers that tell of the caller's rate."""
        now_s = self._clock()
        if now_s >= self._look_at:
            self._look(now_s)
        if authorization is None:
            raise _unknown("this call needs an API key, as the header Authorization: Bearer fr_…")
        mark = self._mark.copy()
        mark.update(authorization.encode(errors="replace"))
        visitor = self._known.get(mark.digest()) or self._verify(authorization, mark.digest(), now_s)
        if scope not in visitor.scopes:
            raise _forbidden(visitor.key, scope)
        bucket = visitor.bucket
        if bucket is None:
            return ()
        told = bucket.take(now_s)
        if told is None:
            raise _too_many(visitor.key, bucket)
        return told

    def _verify(self, authorization: str, mark: bytes, now_s: float) -> Visitor:
        scheme, presented = authorization[: len(BEARER)], authorization[len(BEARER) :].strip()
        key = find(self._keys, presented) if scheme.lower() == BEARER.lower() else None
        if key is None:
            raise _unknown(
                "the API key is not known here: it was mistyped, or revoked; `freshet keys add` makes one"
            )
        same = (
            known for known in self._known.values() if known.key.id == key.id
        )  # "bearer", or another blank
        visitor = next(same, None) or Visitor(key, now_s)
        if len(self._known) < 4 * len(self._keys):
            self._known[mark] = visitor
        return visitor

    def _look(self, now_s: float) -> None:
        self._look_at = now_s + LOOK_S
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            keys = read_keys(self._path)
        except KeyFileError as error:
            log.error("%s; the keys read before stay in force", error)
            return
        kept = {key.id: key for key in keys}
        self._keys = keys
        self._known = {mark: one for mark, one in self._known.items() if kept.get(one.key.id) == one.key}


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written or put in place of another; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _unknown(sentence: str) -> Problem:
    return Problem(401, sentence, (("WWW-Authenticate", 'Bearer realm="freshet"'),))


def _forbidden(key: ApiKey, scope: Scope) -> Problem:
    detail = f"this call needs the scope {scope}; the key {key.id} has {', '.join(key.scopes)}"
    header = f'Bearer realm="freshet", error="insufficient_scope", scope="{scope}"'
    return Problem(403, detail, (("WWW-Authenticate", header),))


def _too_many(key: ApiKey, bucket: Bucket) -> Problem:
    headers = bucket.refused()
    sentence = f"the key {key.id} may ask {key.rate_per_s:g} times a second; try again in {headers[0][1]} s"
    return Problem(429, sentence, headers)
