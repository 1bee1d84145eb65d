"""Wire: GETs over one connection to the real Redis, and to servers that are none."""

import asyncio
import socketserver
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import redis

from freshet.local import LocalStack
from freshet.settings import Redis
from serving.wire import Wire, WireError


def using(url: str, work: Callable[[Wire], Coroutine[Any, Any, Any]], timeout_s: float = 2.0) -> Any:
    async def main() -> Any:
        wire = Wire(Redis(url=url), timeout_s)
        try:
            return await work(wire)
        finally:
            wire.close()

    return asyncio.run(main())


def test_many_questions_at_once_get_their_own_answers(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        for n in range(0, 1000, 2):
            client.set(f"k{n}", f"value {n}\r\n".encode() * (n + 1))

    async def ask(wire: Wire) -> list[bytes | None]:
        return await asyncio.gather(*(wire.get(f"k{n}") for n in range(1000)))

    found = using(redis_url, ask)

    assert found == [f"value {n}\r\n".encode() * (n + 1) if n % 2 == 0 else None for n in range(1000)]


def test_a_caller_that_went_away_takes_nobody_else_s_answer(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.mset({"a": "1", "b": "2"})

    async def ask(wire: Wire) -> bytes | None:
        await wire.get("a")
        gone = asyncio.ensure_future(wire.get("a"))
        await asyncio.sleep(0)
        kept = asyncio.ensure_future(wire.get("b"))
        gone.cancel()
        return await kept

    assert using(redis_url, ask) == b"2"


def test_what_redis_refuses_is_an_error_and_the_connection_stays(stack: LocalStack) -> None:
    with redis.Redis.from_url(stack.redis_url) as client:
        client.acl_setuser("half", enabled=True, passwords=["+secret"], keys=["open:*"], commands=["+mget"])
    url = f"redis://half:secret@{stack.redis_url.removeprefix('redis://')}"

    async def ask(wire: Wire) -> bytes | None:
        with pytest.raises(WireError, match="NOPERM"):
            await wire.get("closed:a")
        return await wire.get("open:a")

    assert using(url, ask) is None


def test_it_connects_anew_when_the_connection_ended(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("a", "1")

    async def ask(wire: Wire) -> bytes | None:
        await wire.get("a")
        with redis.Redis.from_url(redis_url) as client:
            client.client_kill_filter(_type="normal", skipme=True)
        await asyncio.sleep(0.1)
        return await wire.get("a")

    assert using(redis_url, ask) == b"1"


@contextmanager
def no_redis(greeting: bytes) -> Iterator[tuple[str, list[str]]]:
    """Address of a server that says this and closes, or says nothing; and its connections' beginnings and ends."""
    told: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            told.append("begun")
            self.wfile.write(greeting)
            if not greeting:
                with suppress(ConnectionError):
                    self.rfile.read()
            told.append("ended")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        try:
            yield f"redis://127.0.0.1:{server.server_address[1]}", told
        finally:
            server.shutdown()


@pytest.mark.parametrize("database", ["0", "1"])
@pytest.mark.parametrize("greeting", [b"", b"-ERR max number of clients reached\r\n"], ids=["hung", "full"])
def test_a_server_that_does_not_answer_is_left(database: str, greeting: bytes) -> None:
    async def ask(wire: Wire) -> None:
        for _ in range(3):
            with pytest.raises((OSError, asyncio.TimeoutError)):
                await asyncio.wait_for(asyncio.shield(wire.get("a")), 2)
        for _ in range(100):
            await asyncio.sleep(0.02)
            if told.count("begun") == told.count("ended"):
                return

    with no_redis(greeting) as (url, told):
        began = time.monotonic()
        using(f"{url}/{database}", ask, timeout_s=0.1)

        assert 1 <= told.count("begun") == told.count("ended") <= 3  # none stays open
        assert time.monotonic() - began < 2


def test_a_password_is_sent(stack: LocalStack) -> None:
    with redis.Redis.from_url(stack.redis_url) as client:
        client.acl_setuser(
            "wired", enabled=True, passwords=["+secret"], keys=["*"], commands=["+mget", "+select"]
        )
    address = stack.redis_url.removeprefix("redis://").removesuffix("/0")

    assert using(f"redis://wired:secret@{address}/3", lambda wire: wire.get("nothing")) is None
    with pytest.raises(WireError, match="WRONGPASS"):
        using(f"redis://wired:guess@{address}/3", lambda wire: wire.get("nothing"))


def test_other_ways_to_redis_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"rediss://…; got unix://…"):
        Wire(Redis(url="unix:///run/redis.sock"), 1.0)
