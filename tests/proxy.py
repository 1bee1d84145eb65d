"""A TCP proxy that spoils what goes through it. Toxiproxy does as much, and is a program in Go that would have to be
fetched beside what pip installs.
"""

import asyncio
import itertools
import math
import socket
import struct
import threading
from contextlib import suppress

from freshet.local.ports import LOOPBACK, free_port

CHUNK = 64 * 1024  # bytes
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST, and what was not sent is gone


class Proxy:
    """Forwards what comes to `port` to the `target` port of loopback, while the `with` lasts. Settings may change at
    any time, and hold for the connections there are as well.

    latency_s: each way. bytes_per_s: each way of each connection; both sides feel that nobody reads.
    """

    def __init__(self, target: int) -> None:
        self.port, self.target = free_port(), target
        self.latency_s, self.bytes_per_s = 0.0, math.inf
        self._silent, self._generation = False, 0
        self._links: dict[asyncio.Task[None], list[asyncio.StreamWriter]] = {}  # to both sides
        self._ready, self._thread = (
            threading.Event(),
            threading.Thread(target=lambda: asyncio.run(self._run())),
        )

    def cut(self) -> None:
        """Reset all connections; those to come are forwarded."""
        self._loop.call_soon_threadsafe(self._reset)

    def silence(self) -> None:
        """Half-open: connections there are and those to come stay, and nothing passes, nor their end."""
        self._silent = True

    def heal(self) -> None:
        """As if nothing had been; but connections that fell silent stay so for ever."""
        self._generation += self._silent
        self.latency_s, self.bytes_per_s, self._silent = 0.0, math.inf, False

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self._serve, LOOPBACK, self.port):
            self._ready.set()
            await self._over.wait()
            self._reset()
            if self._links:
                await asyncio.wait(self._links)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link, generation = asyncio.current_task(), self._generation
        writers = self._links[link] = [writer]
        try:
            beyond, onward = await asyncio.open_connection(LOOPBACK, self.target)
            writers.append(onward)
            ways = [
                asyncio.create_task(self._pump(reader, onward, generation)),
                asyncio.create_task(self._pump(beyond, writer, generation)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        except OSError:
            pass  # the target is away, and so are we
        finally:
            for one in self._links.pop(link):
                one.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, generation: int
    ) -> None:
        with suppress(OSError):
            while True:
                data = await reader.read(int(min(CHUNK, 1 + self.bytes_per_s / 10)))
                await asyncio.sleep(self.latency_s + len(data) / self.bytes_per_s)
                if self._silent or generation != self._generation:
                    await self._over.wait()
                if not data:
                    return
                writer.write(data)
                await writer.drain()

    def _reset(self) -> None:
        for writer in itertools.chain(*self._links.values()):
            with suppress(OSError):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()
