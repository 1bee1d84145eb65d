"""Errors as callers read them: application/problem+json (RFC 9457) with a sentence that helps."""

from http import HTTPStatus

import msgspec


class ProblemBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """title: the status in words. detail: what came, what was wanted, what to do."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


def retry_after(seconds: int) -> tuple[tuple[str, str], ...]:
    """The header that says when to ask again."""
    return (("Retry-After", str(seconds)),)


class Problem(Exception):
    """An answer that is an error. headers: such as Retry-After or Allow."""

    def __init__(self, status: int, detail: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers

    def body(self) -> bytes:
        """As JSON.

        >>> Problem(404, "no such call").body()
        b'{"title":"Not Found","status":404,"detail":"no such call"}'
        """
        return msgspec.json.encode(ProblemBody(HTTPStatus(self.status).phrase, self.status, self.detail))
