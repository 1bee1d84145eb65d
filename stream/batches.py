"""What has arrived, at once: batches that are small when it is quiet and grow with the load by themselves."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any


async def batches(stream: Any, most: int, linger_s: float) -> AsyncIterator[list[Any]]:
    """Lists of 1 … most Faust events, to be acknowledged by the caller once their effects are stored.

    Faust's own `noack_take(n, within)` hands out a batch that is not full only every `within`, counted from the last
    one: at a tenth of a second that wait would be most of the time from an event to its scores. Here the first event
    of a batch waits linger_s for company, since Faust hands messages over one by one. While a batch is worked on the
    next one gathers, at most `most` events: beyond that the queue behind fills, and Faust stops fetching.
    """
    waiting: asyncio.Queue[Any] = asyncio.Queue(maxsize=most)

    async def gather() -> None:
        async for event in stream.noack().events():
            await waiting.put(event)

    gathering = asyncio.create_task(gather())
    try:
        while True:
            first = asyncio.ensure_future(waiting.get())
            await asyncio.wait({first, gathering}, return_when=asyncio.FIRST_COMPLETED)
            if not first.done():
                first.cancel()
                gathering.result()  # raises what ended the stream, if it was an error
                return
            batch = [first.result()]
            if waiting.qsize() < most - 1:
                await asyncio.sleep(linger_s)
            while not waiting.empty() and len(batch) < most:
                batch.append(waiting.get_nowait())
            yield batch
    finally:
        gathering.cancel()
