"""Which call a method and a path mean.

The server hands over the path percent-decoded, so an id may hold "/" (%2F): it is what lies between a template's
fixed parts, not a segment. An id that holds such a part of a longer template (a user "x/scores" at
/v1/users/{user_id}) is taken for that call; ids in practice hold none.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from freshet.security.api_keys import Scope
from serving.problem import Problem
from serving.query import NoQuery

if TYPE_CHECKING:
    from serving.services import Services

MAX_ID = 128  # characters, as in events

Headers = tuple[tuple[str, str], ...]


class Request(NamedTuple):
    """What a call gets. ids: those in its path. query: the call's own struct. body: of a POST."""

    ids: tuple[str, ...]
    query: Any
    body: bytes
    request_id: str

    @property
    def subject(self) -> str:
        """The first id in the path."""
        return self.ids[0]


class Reply(NamedTuple):
    """An answer that is not a struct to be written as JSON with status 200."""

    status: int
    media: str
    body: bytes
    headers: Headers = ()


class Route(NamedTuple):
    """One call. answer: its handler, whose docstring is the reference for callers.

    gives: what it answers with: a struct (as JSON), with an example, or a media type. takes: the type of its body.
    scope: what an API key must have for it; None for what is open to all, and tells of nobody.
    """

    method: str
    path: str
    answer: "Callable[[Request, Services], Awaitable[Any]]"
    gives: Any
    query: type[msgspec.Struct] = NoQuery
    takes: Any = None
    status: int = 200
    example: msgspec.Struct | None = None
    scope: Scope | None = "read"


class Template(NamedTuple):
    """The fixed parts of a path with one id or two. between: "" for one."""

    before: str
    between: str
    after: str

    def ids(self, path: str) -> tuple[str, ...]:
        """Those in a path; none when it is of another form."""
        before, between, after = self
        if not (path.startswith(before) and path.endswith(after)):
            return ()
        middle = path[len(before) : len(path) - len(after)]
        if not between:
            return (middle,) if middle else ()
        first, _, second = middle.partition(between)
        return (first, second) if first and second else ()


def template(path: str) -> Template:
    """
    >>> template("/v1/users/{user_id}/explain/{item_id}").ids("/v1/users/u/1/explain/i/2")
    ('u/1', 'i/2')
    >>> template("/v1/users/{user_id}").ids("/v1/users/")
    ()
    """
    fixed = re.split(r"{\w+}", path)
    return Template(fixed[0], fixed[1] if len(fixed) == 3 else "", fixed[-1])


class Router:
    """Finds a route; which lies at `places` in the table."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._plain: dict[str, dict[str, Route]] = {}
        opened: dict[Template, dict[str, Route]] = {}
        for route in routes:
            methods = (
                opened.setdefault(template(route.path), {})
                if "{" in route.path
                else self._plain.setdefault(route.path, {})
            )
            methods[route.method] = route
            if route.method == "GET":
                methods["HEAD"] = route
        # the most fixed first: /v1/users/{user_id}/scores before /v1/users/{user_id}
        self._opened = sorted(opened.items(), key=lambda entry: -len("".join(entry[0])))

    def find(self, method: str, path: str) -> tuple[Route, tuple[str, ...]]:
        """The route and the ids in the path; Problem 404 or 405."""
        methods, ids = self._plain.get(path), tuple[str, ...]()
        if methods is None:
            for form, candidates in self._opened:
                if ids := form.ids(path):
                    methods = candidates
                    break
            else:
                raise Problem(404, f"no call at {path[:200]!r}; /docs lists what there is")
        route = methods.get(method)
        if route is None:
            allowed = ", ".join(sorted(methods))
            raise Problem(405, f"{path[:200]} takes {allowed}; got {method}", (("Allow", allowed),))
        for one in ids:
            if len(one) > MAX_ID or not one.isprintable() or "\ufffd" in one:
                raise Problem(
                    400, f"an id has 1 to {MAX_ID} printable characters in UTF-8; got {one[:200]!r}"
                )
        return route, ids
