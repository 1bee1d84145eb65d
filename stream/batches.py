"""What has arrived, at once: batches that are small when it is quiet and grow with the load by themselves."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

LINGER_S = 0.01  # Faust hands messages over one by one: without a breath every batch would hold a single one


async def batches(stream: Any, most: int) -> AsyncIterator[list[Any]]:
    """Lists of 1 … most Faust events, to be acknowledged by the caller once their effects are stored.

    Faust's own `noack_take(n, within)` hands out a batch that is not full only every `within`, counted from the last
    one: at a tenth of a second that wait would be most of the time from an event to its scores. Here the first event
    of a batch waits LINGER_S for company; while a batch is worked on the next one gathers, at most `most` events:
    beyond that the queue behind fills, and Faust stops fetching.
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
                await asyncio.sleep(LINGER_S)
            while not waiting.empty() and len(batch) < most:
                batch.append(waiting.get_nowait())
            yield batch
    finally:
        gathering.cancel()
