"""Which call a method and a path mean.

The server hands over the path percent-decoded, so an id may hold "/" (%2F): it is what lies between a template's
beginning and its end, not a segment. An id that ends like a longer template (a user "x/scores" at
/v1/users/{user_id}) is taken for that call; ids in practice hold no such endings.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from serving.problem import Problem
from serving.query import NoQuery

if TYPE_CHECKING:
    from serving.services import Services

MAX_ID = 128  # characters, as in events


class Request(NamedTuple):
    """What a call gets. subject: the id in its path, or "". query: the call's own struct. body: of a POST."""

    subject: str
    query: Any
    body: bytes
    request_id: str


class Reply(NamedTuple):
    """An answer that is not a struct to be written as JSON with status 200."""

    status: int
    media: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Route(NamedTuple):
    """One call. answer: its handler, whose docstring is the reference for callers.

    gives: what it answers with: a struct (as JSON), with an example, or a media type. takes: the type of its body.
    """

    method: str
    path: str
    answer: "Callable[[Request, Services], Awaitable[Any]]"
    gives: Any
    query: type[msgspec.Struct] = NoQuery
    takes: Any = None
    status: int = 200
    example: msgspec.Struct | None = None


class Router:
    """Finds a route; which lies at `places` in the table."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._plain: dict[str, dict[str, Route]] = {}
        self._open: dict[tuple[str, str], dict[str, Route]] = {}
        for route in routes:
            before, brace, rest = route.path.partition("{")
            methods = (
                self._open.setdefault((before, rest.partition("}")[2]), {})
                if brace
                else self._plain.setdefault(route.path, {})
            )
            methods[route.method] = route
            if route.method == "GET":
                methods["HEAD"] = route
        # the longest end first: /v1/users/{user_id}/scores before /v1/users/{user_id}
        self._ends = sorted(self._open.items(), key=lambda entry: -len(entry[0][1]))

    def find(self, method: str, path: str) -> tuple[Route, str]:
        """The route and the id in the path ("" where it has none); Problem 404 or 405."""
        methods, subject = self._plain.get(path), ""
        if methods is None:
            for (before, after), candidates in self._ends:
                if path.startswith(before) and path.endswith(after) and len(path) > len(before) + len(after):
                    methods, subject = candidates, path[len(before) : len(path) - len(after)]
                    break
            else:
                raise Problem(404, f"no call at {path[:200]!r}; /docs lists what there is")
        route = methods.get(method)
        if route is None:
            allowed = ", ".join(sorted(methods))
            raise Problem(405, f"{path[:200]} takes {allowed}; got {method}", (("Allow", allowed),))
        if subject and (len(subject) > MAX_ID or not subject.isprintable() or "\ufffd" in subject):
            raise Problem(
                400, f"an id has 1 to {MAX_ID} printable characters in UTF-8; got {subject[:200]!r}"
            )
        return route, subject
