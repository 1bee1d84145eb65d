"""The lookup API on granian's RSGI interface: one callable, no framework between a request and its route."""

import asyncio
import gc
import logging
import time
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from granian import loops
from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian.rsgi import Scope

from freshet.settings import Settings
from serving.cors import Cors
from serving.door import Door
from serving.metrics import NO_ROUTE, ApiMetrics
from serving.openapi import openapi
from serving.problem import Problem, retry_after
from serving.query import parse
from serving.reads import RedisAway
from serving.routes import ROUTES
from serving.routing import Headers, Reply, Request, Route, Router
from serving.services import Services
from serving.warm_up import warm_up

log = logging.getLogger(__name__)

SAFE = [  # a browser neither guesses what an answer is, nor keeps it, nor tells other sites where it was
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
]
JSON = [("content-type", "application/json"), *SAFE]
MAX_TARGET = 16 * 1024  # characters of path and query: 300 ids of 50
MAX_BODY = 1_000_000  # bytes
MAX_DROPPED = 20_000_000  # bytes: a sender reads why it was refused only after it has written everything
RETRY = retry_after(1)


@loops.register("uvloop", packages=["uvloop"])  # granian takes it where it is installed
def _loop(uvloop: object) -> asyncio.AbstractEventLoop:
    from freshet.loop import Loop

    loop = Loop()
    asyncio.set_event_loop(loop)
    return loop


@cache
def reference() -> dict[str, Any]:
    """The OpenAPI document, made when it is first asked for."""
    return openapi(ROUTES, version("freshet"))


class App:
    """What granian calls. Everything that needs the event loop is made when it runs."""

    def __init__(self, settings: Settings, metrics: ApiMetrics) -> None:
        self._settings, self._metrics = settings, metrics
        self._door = Door(Path(settings.api.keys_file)) if settings.api.keys_file else None
        self._cors = Cors(settings.api.cors_origins) if settings.api.cors_origins else None
        self._router = Router(ROUTES)
        self._encode = msgspec.json.Encoder().encode

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        async def make() -> Services:
            return Services(self._settings, self._metrics, reference)

        self._services = loop.run_until_complete(make())

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._services.close())

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        began = time.perf_counter()
        path, more = NO_ROUTE, Headers()
        try:
            if self._cors is not None and scope.method == "OPTIONS":
                answer = self._cors.preflight(scope.headers.get("origin"))
            else:
                route, ids = self._router.find(scope.method, scope.path)
                path = route.path
                if self._door is not None and route.scope is not None:
                    more = self._door.enter(scope.headers.get("authorization"), route.scope)
                answer = await self._answer(route, ids, scope, protocol)
        except Problem as problem:
            answer = reply(problem)
        except RedisAway:
            answer = reply(
                Problem(
                    503,
                    "Redis does not answer or is being filled again, and this was not asked lately; try again",
                    RETRY,
                )
            )
        except Exception:
            log.exception("%s %s failed", scope.method, path)  # the route: ids stay out of logs
            answer = reply(Problem(500, "a fault of the server; its log says more"))
        if type(answer) is Reply:
            status, headers, body = (
                answer.status,
                [("content-type", answer.media), *SAFE, *answer.headers],
                answer.body,
            )
        else:
            status, headers, body = 200, JSON, self._encode(answer)
            if getattr(answer, "stale", False):
                self._metrics.stale.inc()
        if self._cors is not None:
            more += self._cors.headers(scope.headers.get("origin"))
        if more:
            headers = [*headers, *more]
        if scope.method == "HEAD":
            protocol.response_empty(status, [*headers, ("content-length", str(len(body)))])
        else:
            protocol.response_bytes(status, headers, body)
        self._metrics.answered(path, status, time.perf_counter() - began)

    async def _answer(self, route: Route, ids: tuple[str, ...], scope: Scope, protocol: HTTPProtocol) -> Any:
        if len(scope.path) + len(scope.query_string) > MAX_TARGET:
            raise Problem(
                414, f"a path and query have at most {MAX_TARGET:,} characters; POST /v1/rank takes more"
            )
        body = await read_body(protocol) if route.method == "POST" else b""
        query = parse(route.query, scope.query_string)
        return await route.answer(Request(ids, query, body, self._services.request_id()), self._services)


async def read_body(protocol: HTTPProtocol) -> bytes:
    """The body; Problem 413 when it is longer than MAX_BODY."""
    parts, length = [], 0
    async for part in protocol:
        length += len(part)
        if length <= MAX_BODY:
            parts.append(part)
        elif length > MAX_DROPPED:
            break
    if length > MAX_BODY:
        raise Problem(413, f"a body has at most {MAX_BODY:,} bytes; send several requests")
    return b"".join(parts)


def reply(problem: Problem) -> Reply:
    return Reply(problem.status, "application/problem+json", problem.body(), problem.headers)


def load(settings: Settings, directory: Path) -> App:
    """One process's app. directory: where the API's processes share their numbers."""
    warm_up(settings)  # nothing, in a process whose parent has done it
    gc.collect()
    gc.freeze()  # what is loaded now stays: no later collection looks through it
    return App(settings, ApiMetrics(directory, [route.path for route in ROUTES]))
