"""Query parameters: one struct a call. Its fields are the parameters; their types, bounds and words are the reference.

A list is given with commas, weights as `click:1,purchase:6`; a comma inside an id is written %2C.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import unquote_plus

import msgspec
from msgspec.inspect import DictType, ListType, Metadata, StructType, type_info

from serving.problem import Problem

T = TypeVar("T", bound=msgspec.Struct)


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call without parameters."""


@lru_cache(maxsize=4096)  # callers ask the same few questions: parsing them anew would be a tenth of a lookup
def parse(kind: type[T], query_string: str) -> T:
    """The parameters of a raw query string; Problem 400 names the parameter and says what is allowed."""
    readers = _readers(kind)
    values: dict[str, Any] = {}
    raws: dict[str, str] = {}
    for name, raw in _pairs(query_string):
        if name not in readers:
            known = f"this call takes {', '.join(readers)}" if readers else "this call takes none"
            raise Problem(400, f"unknown parameter {name!r}; {known}")
        if name in values:
            raise Problem(400, f"{name} is given twice")
        raws[name] = raw
        try:
            values[name] = readers[name](raw)
        except ValueError:
            raise _misfit(kind, name, raw) from None
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\.(\w+)", str(error)) or re.search(r"field `(\w+)`", str(error))
        name = found[1] if found else ""
        raise _misfit(kind, name, raws.get(name, "nothing")) from None


def descriptions(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Parameter → what it is and what is allowed, in the words of its field."""
    return {
        field.encode_name: (field.type.extra_json_schema or {}).get("description", "")
        if isinstance(field.type, Metadata)
        else ""
        for field in _info(kind).fields
    }


def _misfit(kind: type[msgspec.Struct], name: str, raw: str) -> Problem:
    return Problem(400, f"{name}: {descriptions(kind).get(name, '')}; got {raw[:100]}")


def _pairs(query_string: str) -> Iterable[tuple[str, str]]:
    """(name, raw value), names decoded; empty parts and values of nothing are left out, as forms send them."""
    for part in query_string.split("&"):
        name, _, raw = part.partition("=")
        if raw:
            yield unquote_plus(name), raw


@lru_cache
def _readers(kind: type[msgspec.Struct]) -> dict[str, Callable[[str], Any]]:
    return {field.encode_name: _reader(field.type) for field in _info(kind).fields}


def _info(kind: type[msgspec.Struct]) -> StructType:
    info = type_info(kind)
    if not isinstance(info, StructType):
        raise TypeError(f"parameters are described by a Struct; got {kind}")
    return info


def _reader(field: Any) -> Callable[[str], Any]:
    plain = field.type if isinstance(field, Metadata) else field
    if isinstance(plain, ListType):
        return lambda raw: [_text(part) for part in raw.split(",") if part]
    if isinstance(plain, DictType):
        return lambda raw: dict(_pair(part) for part in raw.split(",") if part)
    return _text


def _text(raw: str) -> str:
    """
    >>> _text("caf%C3%A9+%2F")
    'café /'
    """
    return unquote_plus(raw, errors="strict")


def _pair(part: str) -> tuple[str, float]:
    name, _, number = part.partition(":")
    return _text(name), float(number)
