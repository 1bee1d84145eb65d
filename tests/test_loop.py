"""The event loop of worker and API: a connection that was reset ends as on asyncio's own loop."""

import asyncio
import socket

import pytest
from proxy import RESET

from freshet.loop import Loop


@pytest.mark.parametrize("make", [Loop, asyncio.SelectorEventLoop])
@pytest.mark.parametrize("write", ["write", "writelines"])
def test_a_write_to_a_connection_that_was_reset_raises_an_oserror(make: type, write: str) -> None:
    async def written_after_reset() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            _, writer = await asyncio.open_connection(*server.getsockname())
            there, _ = server.accept()
            there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            there.close()
            await asyncio.sleep(0.05)
            try:
                getattr(writer, write)(b"PING" if write == "write" else [b"PING"])
                await writer.drain()
            finally:
                writer.close()

    with asyncio.Runner(loop_factory=make) as runner, pytest.raises(ConnectionError):
        runner.run(written_after_reset())
