"""The event loop of worker and API: uvloop, a fifth more events a second through Faust than asyncio's own loop, whose
connections end as asyncio's do.

uvloop raises RuntimeError for a write to a connection that was reset. asyncio drops what is written, and the next read
or `drain` raises an OSError: that is what redis-py and aiokafka expect, and connect anew.
"""

import asyncio
from typing import Any

import uvloop


class Transport:
    """A uvloop transport whose writes after the end are dropped."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: Any) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    def writelines(self, data: Any) -> None:
        if not self._transport.is_closing():
            self._transport.writelines(data)


class Loop(uvloop.Loop):
    async def create_connection(self, *arguments: Any, **named: Any) -> Any:
        transport, protocol = await super().create_connection(*arguments, **named)
        return Transport(transport), protocol


class _Policy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = Loop


def install() -> None:
    """For every loop to come, of any thread."""
    asyncio.set_event_loop_policy(_Policy())
