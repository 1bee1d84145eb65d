"""Bodies of requests, read against their struct."""

from typing import TypeVar

import msgspec

from serving.problem import Problem

T = TypeVar("T")


def read_json(body: bytes, kind: type[T]) -> T:
    """The body as this type; Problem 400 names the field and says what is allowed."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Problem(400, f"the body does not fit: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, f"the body is not JSON: {error}") from None
