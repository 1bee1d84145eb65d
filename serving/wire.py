"""Values of keys over one connection, many under way at once: what a lookup costs is decided here.

redis-py takes 110–240 µs of processor time for one GET (pool, health check, timeouts, tasks), more than all the rest of
a lookup; hiredis under asyncio's own protocol takes 10 to 40. What is not asked for by every lookup goes through
redis-py. What is asked for in one turn of the loop is one MGET: that halves Redis' own part.
"""

import asyncio
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

import hiredis
from redis.asyncio.connection import parse_url

from freshet.security.connections import redis_options, redis_tls
from freshet.settings import Redis

Answer = asyncio.Future[bytes | None]


class WireError(ConnectionError):
    """Redis closed the connection, or refuses."""


class Replies(asyncio.Protocol):
    """One connection; replies come in the order of the questions."""

    def __init__(self) -> None:
        self._reader = hiredis.Reader()
        self._waiting: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._loop = asyncio.get_running_loop()
        self.open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def ask(self, *words: str) -> "asyncio.Future[Any]":
        """The reply to one command; WireError for an error reply or a lost connection."""
        reply: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append((time.monotonic(), reply))
        self._transport.write(hiredis.pack_command(words))  # type: ignore[arg-type]  # its stub knows one word
        return reply

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (found := self._reader.gets()) is not False and self._waiting:  # unasked: too many clients
            _, reply = self._waiting.popleft()
            if reply.done():  # given up
                continue
            if isinstance(found, Exception):
                reply.set_exception(WireError(str(found)))
            else:
                reply.set_result(found)

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        while self._waiting:
            _, reply = self._waiting.popleft()
            if not reply.done():
                reply.set_exception(WireError(f"Redis closed the connection: {error or 'no reason given'}"))

    def overdue(self, timeout_s: float) -> bool:
        """Whether the oldest question has been waiting for longer."""
        return bool(self._waiting) and time.monotonic() - self._waiting[0][0] > timeout_s

    def abort(self) -> None:
        self._transport.abort()


class Wire:
    """get(key) at a redis:// or rediss:// address. It connects at the first question, and anew after a failure.

    timeout_s: a question unanswered for so long, up to half as much again, ends the connection.
    """

    def __init__(self, settings: Redis, timeout_s: float) -> None:
        scheme = urlsplit(settings.url).scheme
        if scheme not in ("redis", "rediss"):
            raise ValueError(f"Wire speaks TCP, redis://… or rediss://…; got {scheme}://…")
        self._options: dict[str, Any] = {**redis_options(settings), **parse_url(settings.url)}
        self._tls = redis_tls(settings)
        self._timeout_s, self._loop = timeout_s, asyncio.get_running_loop()
        self._asked: list[tuple[str, Answer]] = []
        self._replies: Replies | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._watching: asyncio.TimerHandle | None = None

    def get(self, key: str) -> Answer:
        """The key's value now; an OSError (WireError among them) or TimeoutError when Redis does not answer."""
        answer: Answer = self._loop.create_future()
        if not self._asked:
            self._loop.call_soon(self._send)
        self._asked.append((key, answer))
        return answer

    def _send(self) -> None:
        """All that was asked in this turn."""
        replies = self._replies
        if replies is not None and replies.open:
            asked, self._asked = self._asked, []
            reply = replies.ask("MGET", *[key for key, _ in asked])
            reply.add_done_callback(lambda reply: _hand_out(asked, reply))
        elif self._connecting is None:
            self._connecting = self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        options = self._options
        replies: Replies | None = None
        try:
            async with asyncio.timeout(self._timeout_s):
                address = options.get("host", "localhost"), int(options.get("port", 6379))
                _, replies = await self._loop.create_connection(Replies, *address, ssl=self._tls)
                if options.get("password"):
                    user = [options["username"]] if options.get("username") else []
                    await replies.ask("AUTH", *user, options["password"])
                if options.get("db"):
                    await replies.ask("SELECT", str(options["db"]))
            if not replies.open:
                raise WireError("Redis closed the connection at once")
        except (OSError, TimeoutError) as error:
            if replies is not None:
                replies.abort()  # a hung Redis still takes connections: they would pile up
            asked, self._asked = self._asked, []
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
        else:
            self._replies = replies
            self._watch()
            if self._asked:
                self._send()
        finally:
            self._connecting = None

    def _watch(self) -> None:
        """Look twice in a timeout's time: a timer for every question would cost as much as the question."""
        if self._watching is not None:
            self._watching.cancel()
        if self._replies is not None and self._replies.open:
            if self._replies.overdue(self._timeout_s):
                self._replies.abort()
            self._watching = self._loop.call_later(self._timeout_s / 2, self._watch)

    def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self._replies is not None and self._replies.open:
            self._replies.abort()


def _hand_out(asked: list[tuple[str, Answer]], reply: "asyncio.Future[Any]") -> None:
    error = reply.exception()
    for place, (_, answer) in enumerate(asked):
        if answer.done():  # its caller is gone
            continue
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(reply.result()[place])
